"""A student's kit: flashed with esptool, talked to over its serial port, dumped."""

import json
import re
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import serial

from grading.example_class.stand_ins import run_tool, stand_in
from kitbench.errors import BenchError

_REPLY = re.compile(rb"(KB1 OK((?: [!-~]+)*) )\*([0-9a-f]{8})")
_BAUD = "921600"


@dataclass(frozen=True, slots=True)
class Kit:
    """A kit on a serial port."""

    port: str

    def flash(self, build: Path) -> None:
        """Write a build folder as `idf.py flash` does, and let the kit run."""
        arguments = json.loads((build / "flasher_args.json").read_text(encoding="utf-8"))
        files = [part for offset, name in arguments["flash_files"].items() for part in (offset, str(build / name))]
        self._esptool("write-flash", *arguments["write_flash_args"], *files)

    def write(self, offset: int, content: Path) -> None:
        """Write one file at a flash offset."""
        self._esptool("write-flash", hex(offset), str(content))

    def dump(self, path: Path) -> None:
        """Read the whole flash into a file."""
        run_tool("kitbench", "dump", "--port", self.port, "-o", str(path), stage="dump")

    def signing_request(self, common_name: str, *, timeout_s: float = 30.0) -> bytes:
        """Restart the kit and ask its provisioning console for a CSR; return it as DER."""
        with serial.serial_for_url(self.port, baudrate=115200, timeout=0.05) as line:
            # EN low and high again: RTS pulls EN down, DTR would pull IO0 down.
            line.dtr, line.rts = False, True
            line.reset_input_buffer()
            line.rts = False
            received = _read_until(line, re.compile(rb"Provisioning console ready"), timeout_s)
            body = f"KB1 CSR 0 {common_name} "
            line.write(f"{body}*{zlib.crc32(body.encode()):08x}\n".encode())
            received = _read_until(line, _REPLY, timeout_s)
        reply = _REPLY.search(received)
        if reply is None or zlib.crc32(reply[1]) != int(reply[3], 16):
            raise BenchError("the provisioning console's reply is damaged", stage="provision")
        return bytes.fromhex(reply[2].decode())

    def _esptool(self, *arguments: str) -> None:
        options = ["--chip", "esp32", "--port", self.port, "--baud", _BAUD, "--after", "hard-reset"]
        run_tool("grading.example_class.quick_esptool", *options, *arguments, stage="flash")


@contextmanager
def virtual_kits(count: int, *, secure_element: str = "none") -> Iterator[list[Kit]]:
    """Run virtual kits without a network: what students did at home is not what is graded on the bench."""
    if count == 0:
        yield []
        return
    with stand_in("virtual-kit", "--count", str(count), "--secure-element", secure_element, lines=count) as kits:
        yield [Kit(str(kit["port"])) for kit in kits]


def _read_until(line: "serial.SerialBase", pattern: "re.Pattern[bytes]", timeout_s: float) -> bytes:
    """Return what came up to the first match.

    Raises:
        BenchError: nothing matched in time.
    """
    received = b""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        received += line.read(4096)
        if pattern.search(received):
            return received
    raise BenchError(f"the kit did not print {pattern.pattern.decode()!r}", stage="provision")
