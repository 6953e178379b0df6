"""A kit that runs its firmware, seen through pytest-embedded's dut: lines expected, resets, power held, console."""

import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

import esptool
import pexpect
from pytest_embedded_serial_esp.serial import EspSerial

from kitbench.errors import KitError
from kitbench.kit.console import Console, frame
from kitbench.pytest_plugin.run_report import one_line

ANSI_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
EN_LOW_S: Final = 0.1
CONSOLE_READY: Final = "Provisioning console ready"
CALL_EVERY_S: Final = 0.1
BOOT_S: Final = 3.0


class RunningKit:
    """What tests do with a kit. `dut` is pytest-embedded's `IdfDut`, which is untyped."""

    def __init__(self, dut: Any, *, stage: str = "run") -> None:
        self._dut = dut
        self._port = dut.serial.proc
        self._stage = stage

    def expect(self, pattern: str | re.Pattern[bytes], *, within_s: float, what: str = "") -> re.Match[bytes]:
        """Return the first match in what the kit prints from now on.

        Raises:
            KitError: it did not come in time; the message says what was awaited and what came last.
        """
        try:
            match: re.Match[bytes] = self._dut.expect(pattern, timeout=within_s)
        except pexpect.TIMEOUT as error:
            awaited = what or _readable(pattern)
            raise KitError(
                f"no {awaited!r} on the serial line within {within_s:g} s; the last line was {self.last_line()!r}",
                stage=self._stage,
            ) from error
        return match

    def expect_text(self, text: str, *, within_s: float) -> re.Match[bytes]:
        """Return the match of a literal text; raises KitError as `expect` does."""
        return self.expect(re.compile(re.escape(text.encode())), within_s=within_s, what=text)

    def serial_log(self) -> str:
        """Return everything that this kit printed since it was opened, colours removed."""
        with open(self._dut.logfile, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a path of theirs
            return ANSI_COLOUR.sub("", file.read())

    def settled_log(self, *, quiet_s: float = 0.3) -> str:
        """Return the log once nothing has been added for `quiet_s`: pytest-embedded writes it with a delay."""
        log = self.serial_log()
        while True:
            time.sleep(quiet_s)
            later = self.serial_log()
            if len(later) == len(log):
                return later
            log = later

    def last_line(self) -> str:
        """Return the last line printed, shortened for a message."""
        lines = [line for line in self.serial_log().splitlines() if line.strip()]
        return one_line(lines[-1])[:100] if lines else ""

    def restart(self) -> None:
        """Pulse EN: the chip starts over."""
        self._dut.serial.hard_reset()

    @contextmanager
    def held_in_reset(self) -> Iterator[None]:
        """Hold EN low: nothing runs, nothing is sent; the firmware starts over afterwards."""
        self.hold()
        try:
            yield
        finally:
            self._port.setRTS(False)

    def hold(self) -> None:
        """Pull EN low and leave it so; any thread may call it."""
        self._port.setDTR(False)
        self._port.setRTS(True)

    def park(self) -> None:
        """Restart into the ROM's download mode, where the kit stays silent even after the port is closed.

        Releasing EN with IO0 low (DTR set) selects it: ESP32 datasheet, strapping pins.
        """
        self.hold()
        time.sleep(EN_LOW_S)
        self._port.setDTR(True)
        self._port.setRTS(False)
        time.sleep(EN_LOW_S / 2)
        self._port.setDTR(False)

    def close(self) -> None:
        """Park the kit and free its port for others; the dut is of no use afterwards."""
        self.park()
        self._dut.serial.close()

    def write_flash(self, offset: int, content: bytes) -> None:
        """Write into flash over pytest-embedded's own esptool connection; the kit restarts."""
        with tempfile.NamedTemporaryFile(suffix=".bin") as file:
            file.write(content)
            file.flush()
            write = EspSerial.use_esptool()(_write_flash)
            write(self._dut.serial, offset, file.name)
        # Only now does the port have the console's rate again: what a kit prints before is lost.
        self.restart()

    def enter_console(self, *, within_s: float = 10.0) -> None:
        """Restart and call until the provisioning console answers: it listens for a moment at each boot.

        A boot whose moment is missed (the bench was busy, the kit's clock runs fast) is followed by another one.

        Raises:
            KitError: it does not.
        """
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            self.restart()
            if self._is_console_called(min(deadline, time.monotonic() + BOOT_S)):
                return
        raise KitError(f"the provisioning console does not answer within {within_s:g} s", stage="console")

    def _is_console_called(self, deadline: float) -> bool:
        while time.monotonic() < deadline:
            self._port.write(frame("HELLO"))
            with suppress(pexpect.TIMEOUT):
                self._dut.expect_exact(CONSOLE_READY, timeout=CALL_EVERY_S)
                return True
        return False

    @property
    def console(self) -> Console:
        """The provisioning console of the `atecc608a` firmware."""
        return Console(_DutLine(self._dut))


class _DutLine:
    """The console's line over a dut; the echo of prompts and log lines in between is skipped."""

    def __init__(self, dut: Any) -> None:
        self._dut = dut

    def write(self, data: bytes) -> None:
        self._dut.serial.proc.write(data)

    def expect(self, pattern: re.Pattern[bytes], *, timeout_s: float) -> re.Match[bytes]:
        try:
            match: re.Match[bytes] = self._dut.expect(pattern, timeout=timeout_s)
        except pexpect.TIMEOUT as error:
            raise TimeoutError from error
        return match


def _write_flash(serial: Any, offset: int, path: str) -> None:
    esptool.main(["--baud", "921600", "--after", "no-reset", "write-flash", hex(offset), path], esp=serial.esp)


def _readable(pattern: str | re.Pattern[bytes]) -> str:
    return pattern if isinstance(pattern, str) else pattern.pattern.decode(errors="replace")
