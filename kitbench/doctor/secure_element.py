"""The kit's secure element, asked through the provisioning console of the `atecc608a` firmware, if that is on the kit.

The kit is restarted, once to call its console and once to let it go on; nothing in it or in the chip is changed.
"""

import re
import time
from collections.abc import Callable
from typing import Any, Final

import serial

from kitbench.doctor.check import Line, State
from kitbench.errors import KitError
from kitbench.kit.console import Console, SecureElementInfo, frame
from kitbench.kit.serial_port import use_quick_rfc2217

ANSWERS_WITHIN_S: Final = 6.0
CALL_EVERY_S: Final = 0.1
EN_LOW_S: Final = 0.1
READY: Final = b"Provisioning console ready"
SUBJECT: Final = "secure element"
#: A kit may print without end; a line of the console is far shorter.
KEPT: Final = 65536


class PortLine:
    """A kit's serial port as the console's line."""

    def __init__(self, port: Any) -> None:
        self._port = port
        self._received = b""

    def write(self, data: bytes) -> None:
        """Send bytes to the kit."""
        self._port.write(data)

    def expect(self, pattern: "re.Pattern[bytes]", *, timeout_s: float) -> "re.Match[bytes]":
        """Return the first match in what the kit sends; raises TimeoutError."""
        deadline = time.monotonic() + timeout_s
        while not (match := pattern.search(self._received)):
            if time.monotonic() > deadline:
                raise TimeoutError
            self._received = (self._received + self._port.read(max(1, self._port.in_waiting)))[-KEPT:]
        self._received = self._received[match.end() :]
        return match

    def restart(self) -> None:
        """Reset the kit by a pulse on EN, as its button does."""
        self._port.dtr, self._port.rts = False, True
        time.sleep(EN_LOW_S)
        self._port.rts = False


def secure_element(port: str, *, expected_serial: str = "") -> Line:
    """Say which secure element answers on a port's kit; raises serial.SerialException."""
    use_quick_rfc2217()
    with serial.serial_for_url(port, baudrate=115200, timeout=CALL_EVERY_S) as opened:
        line = PortLine(opened)
        try:
            line.restart()
            if not calls(line, within_s=ANSWERS_WITHIN_S):
                return Line(
                    SUBJECT,
                    State.WARN,
                    "the firmware on the kit has no provisioning console",
                    "flash the variant: pytest -m hardware --variant atecc608a -k boots",
                )
            return judge(Console(line, timeout_s=ANSWERS_WITHIN_S).info, expected_serial)
        finally:
            line.restart()


def calls(line: PortLine, *, within_s: float) -> bool:
    """Call until the console answers; say whether it does."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        line.write(frame("HELLO"))
        try:
            line.expect(re.compile(READY), timeout_s=CALL_EVERY_S)
        except TimeoutError:
            continue
        return True
    return False


def judge(ask: Callable[[], SecureElementInfo], expected_serial: str) -> Line:
    """Return the line for what the console says of its chip."""
    try:
        info = ask()
    except KitError as error:
        return Line(SUBJECT, State.FAIL, error.message, "check the chip's wiring: docs/bench-setup.md")
    seen = f"{info.serial}, revision {info.revision}"
    if expected_serial not in ("", info.serial):
        return Line(SUBJECT, State.FAIL, f"{seen}, expected {expected_serial}", "correct bench.toml, or the wiring")
    if not (info.config_locked and info.data_locked):
        mend = "lock it by its maker's own steps, once and for ever; kitbench never does"
        return Line(SUBJECT, State.FAIL, f"{seen}, not locked: it cannot sign", mend)
    return Line(SUBJECT, State.OK, f"{seen}, locked")
