"""What ROM loader and flasher stub have in common: requests, opcodes, and what a loader may make the chip do.

Source: esptool documentation, "Serial Protocol" (frame: direction, opcode, length, checksum or value, data).
"""

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Protocol

from kitbench.virtual_kit.hardware.cpu_interface import ResetCause

_HEADER: Final = struct.Struct("<BBHI")
_REQUEST_DIRECTION: Final = 0
RESPONSE_DIRECTION: Final = 1
#: Blocks of MEM_DATA, FLASH_DATA and FLASH_DEFL_DATA begin with length, sequence number and two unused words.
DATA_HEADER: Final = struct.Struct("<IIII")


class Opcode(IntEnum):
    """Commands; esptool documentation, "Commands"."""

    FLASH_BEGIN = 0x02
    FLASH_DATA = 0x03
    FLASH_END = 0x04
    MEM_BEGIN = 0x05
    MEM_END = 0x06
    MEM_DATA = 0x07
    SYNC = 0x08
    WRITE_REG = 0x09
    READ_REG = 0x0A
    SPI_SET_PARAMS = 0x0B
    SPI_ATTACH = 0x0D
    READ_FLASH_SLOW = 0x0E
    CHANGE_BAUDRATE = 0x0F
    FLASH_DEFL_BEGIN = 0x10
    FLASH_DEFL_DATA = 0x11
    FLASH_DEFL_END = 0x12
    SPI_FLASH_MD5 = 0x13
    ERASE_FLASH = 0xD0
    ERASE_REGION = 0xD1
    READ_FLASH = 0xD2


@dataclass(frozen=True, slots=True)
class Request:
    """A command as it came in; `length` is what the header says, which need not be `len(data)`."""

    is_request: bool
    opcode: int
    length: int
    checksum: int
    data: bytes

    @classmethod
    def from_frame(cls, frame: bytes) -> "Request | None":
        """Read a frame's payload; None where it is shorter than a header."""
        if len(frame) < _HEADER.size:
            return None
        direction, opcode, length, checksum = _HEADER.unpack_from(frame)
        return cls(direction == _REQUEST_DIRECTION, opcode, length, checksum, frame[_HEADER.size :])

    def words(self, count: int) -> tuple[int, ...]:
        """Return the first `count` little-endian words of the data; missing ones read as zero."""
        return struct.unpack_from(f"<{count}I", self.data.ljust(4 * count, b"\0"))


def response_header(opcode: int, length: int, value: int) -> bytes:
    """Return the eight bytes before a response's data."""
    return _HEADER.pack(RESPONSE_DIRECTION, opcode, length, value)


@dataclass(frozen=True, slots=True)
class Send:
    """Bytes for the wire, framed already."""

    data: bytes


@dataclass(frozen=True, slots=True)
class SetBaud:
    """The UART goes on at another rate, after what was sent before has left."""

    baud: int


@dataclass(frozen=True, slots=True)
class SoftwareReset:
    """The chip starts over with the straps it latched."""

    cause: ResetCause = ResetCause.SW


@dataclass(frozen=True, slots=True)
class BootFlash:
    """The ROM leaves download mode and boots from flash, without the banner of a reset."""


@dataclass(frozen=True, slots=True)
class RunCode:
    """The ROM jumps into RAM."""

    entry: int


Action = Send | SetBaud | SoftwareReset | BootFlash | RunCode


class Loader(Protocol):
    """ROM loader or stub: bytes in, actions out; no clock, no port."""

    def receive(self, data: bytes) -> list[Action]:
        """Take bytes from UART0 and return what follows from them, in order."""
