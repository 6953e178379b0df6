"""Runs Espressif's own tools, unmodified, against a virtual kit."""

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from kitbench.virtual_kit.hardware.flash_image import FlashImage
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from kitbench.virtual_kit.loaders import slip
from kitbench.virtual_kit.loaders.loader_protocol import Request
from kitbench.virtual_kit.serial_line import rfc2217
from tests.kitbench.virtual_kit.chip_rig import FakeCpu

_TIMEOUT_S = 280
#: pyserial's own client needs 20 s for what the bench's needs one; the tools themselves are the same.
_QUICK = "from kitbench.kit.serial_port import use_quick_rfc2217; use_quick_rfc2217(); import {0}; {0}._main()"
_STOCK = "import {0}; {0}._main()"
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What a tool did: exit status, and everything it printed."""

    status: int
    output: str

    def says(self, *texts: str) -> bool:
        """Say whether all the texts were printed, however the lines were broken."""
        words = " ".join(self.output.split())
        return all(" ".join(text.split()) in words for text in texts)


@dataclass(frozen=True, slots=True)
class Bench:
    """A kit in this process, and the CPU that its app is handed to."""

    kit: VirtualKit
    cpu: FakeCpu

    def esptool(
        self, *arguments: str, stock: bool = False, url: str = "", environment: dict[str, str] | None = None
    ) -> ToolResult:
        """Run `esptool --port … arguments`."""
        return _run("esptool", url or self.kit.url, arguments, stock=stock, environment=environment or {})

    def espefuse(self, *arguments: str, stock: bool = False) -> ToolResult:
        """Run `espefuse --port … arguments`."""
        return _run("espefuse", self.kit.url, ("--do-not-confirm", *arguments), stock=stock, environment={})


@contextmanager
def bench(flash: FlashImage | None = None, **options: object) -> Iterator[Bench]:
    """A kit with a given flash content, running."""
    cpu = FakeCpu()
    kit = VirtualKit(KitOptions(cpu=cpu, **options))  # type: ignore[arg-type] # any of KitOptions' fields
    if flash is not None:
        kit.flash.program(0, flash.read(0, flash.size))
    with kit:
        yield Bench(kit, cpu)


class Tap:
    """A line between a client and a kit that somebody listens to."""

    def __init__(self, server: socket.socket, tcp_port: int) -> None:
        self._server = server
        self._tcp_port = tcp_port
        self._session = rfc2217.PortSession()
        self._decoder = slip.SlipDecoder()
        self.url = f"rfc2217://127.0.0.1:{server.getsockname()[1]}"
        self.requests: list[Request] = []

    def pass_on(self) -> None:
        """Serve one client until it goes."""
        client, _ = self._server.accept()
        with client, socket.create_connection(("127.0.0.1", self._tcp_port)) as kit:
            back = threading.Thread(target=self._copy, args=(kit, client), daemon=True)
            back.start()
            while data := client.recv(65536):
                self._listen(data)
                kit.sendall(data)
            kit.shutdown(socket.SHUT_WR)
            back.join()

    def _listen(self, data: bytes) -> None:
        for event in self._session.receive(data):
            if isinstance(event, rfc2217.Data):
                frames = self._decoder.feed(event.payload)
                self.requests += filter(None, map(Request.from_frame, frames))

    @staticmethod
    def _copy(source: socket.socket, target: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the client went first
            while data := source.recv(65536):
                target.sendall(data)


@contextmanager
def wiretap(kit: VirtualKit) -> Iterator[Tap]:
    """A port that leads one client to the kit; at the end, `requests` holds what it asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        tap = Tap(server, kit.tcp_port)
        thread = threading.Thread(target=tap.pass_on, daemon=True)
        thread.start()
        yield tap
        thread.join(_TIMEOUT_S)


def _run(tool: str, url: str, arguments: tuple[str, ...], *, stock: bool, environment: dict[str, str]) -> ToolResult:
    code = (_STOCK if stock else _QUICK).format(tool)
    process = subprocess.run(
        [sys.executable, "-c", code, "--chip", "esp32", "--port", url, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_TIMEOUT_S,
        check=False,
        env=os.environ | {"COLUMNS": "200"} | environment,
    )
    return ToolResult(process.returncode, _COLOURS.sub("", process.stdout))
