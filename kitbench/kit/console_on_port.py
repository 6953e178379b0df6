"""A kit's provisioning console on a port that nobody else has open: the way to its secure element.

The kit is restarted, once to call its console and once to let it go on; nothing in it or in the chip is changed.
"""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import serial

from kitbench.kit.console import Console, frame
from kitbench.kit.serial_port import use_quick_rfc2217

ANSWERS_WITHIN_S: Final = 6.0
READY: Final = b"Provisioning console ready"
#: A kit may print without end; a line of the console is far shorter.
KEPT: Final = 65536
_CALL_EVERY_S: Final = 0.1
_EN_LOW_S: Final = 0.1


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
        time.sleep(_EN_LOW_S)
        self._port.rts = False

    def park(self) -> None:
        """Leave the kit in its loader, where it runs nothing: IO0 is low when EN is let go."""
        self._port.dtr, self._port.rts = False, True
        time.sleep(_EN_LOW_S)
        self._port.dtr, self._port.rts = True, False
        time.sleep(_EN_LOW_S / 2)
        self._port.dtr = False


@contextmanager
def console_on(port: str, *, within_s: float = ANSWERS_WITHIN_S) -> Iterator[Console | None]:
    """Yield the console of the firmware on a port's kit, None where it has none; the kit is restarted afterwards.

    Raises:
        serial.SerialException: the port cannot be opened, or fails.
    """
    use_quick_rfc2217()
    with serial.serial_for_url(port, baudrate=115200, timeout=_CALL_EVERY_S) as opened:
        line = PortLine(opened)
        try:
            line.restart()
            yield Console(line, timeout_s=within_s) if _calls(line, within_s=within_s) else None
        finally:
            line.restart()


def _calls(line: PortLine, *, within_s: float) -> bool:
    """Call until the console answers; say whether it does."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        line.write(frame("HELLO"))
        try:
            line.expect(re.compile(READY), timeout_s=_CALL_EVERY_S)
        except TimeoutError:
            continue
        return True
    return False
