"""Small C programs, built with the shims and run on a flash in memory."""

import hashlib
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kitbench.board.board import Board
from kitbench.board.board_file import parse_board
from kitbench.flash_format import app_image
from kitbench.virtual_kit import app_module, esp_idf
from kitbench.virtual_kit.board.table import Table
from kitbench.virtual_kit.cpu import WasmCpu
from kitbench.virtual_kit.cpu.app import App
from kitbench.virtual_kit.hardware.cpu_interface import Peripherals, ResetCause, SecureElementBus

APP_OFFSET = 0x10000
#: The type of the fixture `run_program`: C source, options of `Run`.
RunProgram = Callable[..., "Run"]
FLASH_SIZE = 0x400000
MAC = bytes.fromhex("240ac4123456")
#: Of waits that a busy machine may need, and an idle one never reaches.
TIMEOUT_S = 60.0
#: The secure element where esp-cryptoauthlib looks for it.
_BOARD = "[parts.secure_element]\nkind = 'ATECC608A'\nsda = 21\nscl = 22\n"
_SDKCONFIG = "#define CONFIG_LOG_MAXIMUM_LEVEL 4\n#define CONFIG_FREERTOS_HZ 100\n"


class MemoryFlash:
    """A flash with NOR semantics in memory."""

    def __init__(self) -> None:
        self.data = bytearray(b"\xff" * FLASH_SIZE)

    @property
    def size(self) -> int:
        return len(self.data)

    def read(self, offset: int, size: int) -> bytes:
        return bytes(self.data[offset : offset + size])

    def program(self, offset: int, data: bytes) -> None:
        for index, byte in enumerate(data):
            self.data[offset + index] &= byte

    def erase(self, offset: int, size: int) -> None:
        self.data[offset : offset + size] = b"\xff" * size


@dataclass
class Run:
    """An app under observation: what it printed, the resets it asked for, the kit's log."""

    flash: MemoryFlash
    access_point: tuple[tuple[str, int], ...] = ()
    clock_factor: float = 1.0
    secure_element: SecureElementBus | None = None
    board: Board = field(default_factory=lambda: parse_board("rig", _BOARD))
    output: bytearray = field(default_factory=bytearray)
    resets: list[ResetCause] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)
    app: App | None = None
    cpu: WasmCpu = field(default_factory=WasmCpu)

    def __post_init__(self) -> None:
        self.table = Table(self.board, self.secure_element)

    def start(self, cause: ResetCause = ResetCause.POWERON) -> None:
        peripherals = Peripherals(
            flash=self.flash,
            mac=MAC,
            uart_write=self._write,
            reset=self._reset,
            secure_element=self.secure_element,
            access_point=self.access_point,
            clock_factor=self.clock_factor,
            log=self._note,
            lacks=self._lack,
            table=self.table,
            wifi=self.board.wifi,
        )
        self.app = self.cpu.start(APP_OFFSET, cause, peripherals)

    def _note(self, line: str) -> None:
        with self.changed:
            self.log.append(line)
            self.changed.notify_all()

    def _lack(self, feature: str) -> None:
        with self.changed:
            self.gaps.append(feature)
            self.changed.notify_all()

    def _write(self, data: bytes) -> None:
        with self.changed:
            self.output += data
            self.changed.notify_all()

    def _reset(self, cause: ResetCause) -> None:
        with self.changed:
            self.resets.append(cause)
            self.changed.notify_all()

    @property
    def text(self) -> str:
        return bytes(self.output).decode(errors="replace")

    def wait_for(self, text: str, timeout_s: float = TIMEOUT_S) -> str:
        """Wait until the app printed `text`; returns everything printed."""
        self._wait(lambda: text in self.text, timeout_s, f"{text!r} in the output")
        return self.text

    def wait_for_log(self, text: str, timeout_s: float = TIMEOUT_S) -> None:
        """Wait for a line in the kit's own log."""
        self._wait(lambda: any(text in line for line in self.log), timeout_s, f"{text!r} in the log")

    def wait_for_gap(self, timeout_s: float = TIMEOUT_S) -> str:
        """Wait until the kit said that it lacks something; returns what."""
        self._wait(lambda: bool(self.gaps), timeout_s, "a gap")
        return self.gaps[-1]

    def wait_for_end(self, timeout_s: float = TIMEOUT_S) -> None:
        """Wait until the app printed "done" or asked for a reset."""
        self._wait(lambda: "done" in self.text or bool(self.resets), timeout_s, "an end")

    def wait_for_reset(self, timeout_s: float = TIMEOUT_S) -> ResetCause:
        self._wait(lambda: bool(self.resets), timeout_s, "a reset")
        return self.resets[-1]

    def choose(self, index: int) -> None:
        """Answer the question of a `choice_of` program."""
        self.wait_for("which?\r\n")
        assert self.app is not None
        self.app.uart_input(bytes((ord("a") + index,)))

    def _wait(self, condition: Callable[[], bool], timeout_s: float, what: str) -> None:
        end = time.monotonic() + timeout_s
        with self.changed:
            while not condition():
                if not self.changed.wait(end - time.monotonic()):
                    pytest.fail(f"no {what}; output: {self.text[-1500:]!r}, log: {self.log}")

    def stop(self) -> None:
        if self.app is not None:
            self.app.stop()


class Compiler:
    """Compiles a program with the shims; objects of the shims are made once.

    Args:
        folder: for all that is made.
        sdkconfig: more lines of `sdkconfig.h`.
    """

    def __init__(self, folder: Path, sdkconfig: str = "") -> None:
        self._folder = folder
        (folder / "sdkconfig.h").write_text(_SDKCONFIG + sdkconfig)
        # zig's own cache: the C library takes about a minute the first time, so that sessions share it.
        self._cache = Path(os.environ.get("KITBENCH_TEST_ZIG_CACHE", Path(tempfile.gettempdir()) / "kitbench-test-zig"))
        self._shims: list[Path] = []
        self._built: dict[str, bytes] = {}

    def _zig(self, *arguments: str) -> None:
        environment = os.environ | {
            "ZIG_GLOBAL_CACHE_DIR": str(self._cache),
            "ZIG_LOCAL_CACHE_DIR": str(self._cache / "local"),
        }
        result = subprocess.run(
            [sys.executable, "-m", "ziglang", "cc", *arguments],
            env=environment, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert result.returncode == 0, result.stderr[-3000:]

    def _object(self, source: Path, *more: str) -> Path:
        target = self._folder / f"{source.stem}.o"
        flags = (*esp_idf.COMPILE_FLAGS, "-Wall", "-I", str(esp_idf.include_dir()), "-I", str(self._folder))
        self._zig(*more, *flags, "-c", str(source), "-o", str(target))
        return target

    def build(self, program: str, *flags: str) -> bytes:
        """Return the wasm module of a C program, compiled with more flags; the same text is compiled once."""
        if program not in self._built:
            self._built[program] = self._build(program, flags)
        return self._built[program]

    def _build(self, program: str, flags: tuple[str, ...]) -> bytes:
        if not self._shims:
            self._shims = [self._object(source) for source in esp_idf.sources()]
        name = hashlib.sha256(program.encode()).hexdigest()[:12]
        source = self._folder / f"program_{name}.c"
        source.write_text(program)
        target = self._folder / f"{name}.wasm"
        objects = [str(path) for path in (*self._shims, self._object(source, *flags, *esp_idf.APP_FLAGS))]
        self._zig(*esp_idf.TARGET_FLAGS, *esp_idf.LINK_FLAGS, *objects, "-o", str(target))
        return target.read_bytes()


def choice_of(statements: Iterable[str], *, head: str = "", tail: str = "") -> str:
    """Return a program that asks for a letter and runs that one of the statements, then `tail`."""
    cases = "".join(f"case {index}: {{ {statement} }} break;\n" for index, statement in enumerate(statements))
    return (
        f"{head}\n#include <stdio.h>\nvoid app_main(void) {{\nprintf(\"which?\\n\");\nswitch (getchar() - 'a') {{\n"
        f"{cases}default: break;\n}}\n{tail}\n}}\n"
    )


def image_of(module: bytes) -> bytes:
    """Return an app image around a module."""
    description = app_image.AppDescription(
        version="1", project_name="probe", time="12:00:00", date="Nov 22 2026", idf_version="v5.1.4",
        elf_sha256=hashlib.sha256(module).digest(),
    )  # fmt: skip
    return app_image.serialize(app_module.embed(module, description), entry=0x400D0020)
