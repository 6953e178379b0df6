"""What a chip's ROM prints at a start: the same words each time, by which a garbled line shows before any firmware."""

import re
import time
from typing import Final

import serial

from kitbench.kit.console_on_port import PortLine
from kitbench.kit.serial_port import use_quick_rfc2217

#: ESP32: `rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)`; later chips: `rst:0x1 (POWERON),boot:0x8 (SPI_…)`.
START: Final = re.compile(
    rb"rst:0x1 \(POWERON(?:_RESET)?\),boot:0x[0-9a-f]{1,2} \([A-Z0-9_]+(?:\([A-Z0-9_/()]+\))?\)\r?\n"
)
_STARTS: Final = 3
_LISTENS_FOR_S: Final = 1.0
_READ_EVERY_S: Final = 0.05


def garbled_starts(port: str) -> str:
    """Return that a kit's line garbles what its ROM prints, or "" where it does not, or the ROM was told to be silent.

    The kit is restarted three times, and left in its loader; that the port cannot be opened is said, too.
    """
    use_quick_rfc2217()
    try:
        with serial.serial_for_url(port, baudrate=115200, timeout=_READ_EVERY_S) as opened:
            heard = [_start(opened) for _ in range(_STARTS)]
            PortLine(opened).park()
    except (serial.SerialException, OSError) as error:
        return (str(error).splitlines() or [type(error).__name__])[0]
    garbled = sum(bool(said) and not START.search(said) for said in heard)
    return f"its line garbles what its ROM prints ({garbled} of {_STARTS} starts)" if garbled else ""


def _start(opened: "serial.Serial") -> bytes:
    PortLine(opened).restart()
    said, deadline = b"", time.monotonic() + _LISTENS_FOR_S
    while not START.search(said) and time.monotonic() < deadline:
        said += opened.read(max(1, opened.in_waiting))
    return said
