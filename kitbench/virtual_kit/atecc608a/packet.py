"""Command packets and replies of the CryptoAuthentication family: count, content, CRC-16."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

#: The longest packet that the chip's I/O buffer takes: count, opcode, three parameter bytes, data, CRC.
PACKET_LIMIT: Final = 198
_OVERHEAD: Final = 7


class Opcode(IntEnum):
    """The commands that the model executes (data sheet, section 11)."""

    READ = 0x02
    WRITE = 0x12
    NONCE = 0x16
    LOCK = 0x17
    RANDOM = 0x1B
    UPDATE_EXTRA = 0x20
    COUNTER = 0x24
    INFO = 0x30
    GENKEY = 0x40
    SIGN = 0x41
    ECDH = 0x43
    VERIFY = 0x45
    SHA = 0x47
    SELFTEST = 0x77


class Status(IntEnum):
    """The chip's one-byte answers (data sheet, table "Status/error codes")."""

    SUCCESS = 0x00
    MISCOMPARE = 0x01
    PARSE_ERROR = 0x03
    ECC_FAULT = 0x05
    EXECUTION_ERROR = 0x0F
    AFTER_WAKE = 0x11
    CRC_ERROR = 0xFF


class RefusedError(Exception):
    """The chip does not execute a command, and says why with a status."""

    def __init__(self, status: Status) -> None:
        super().__init__(status.name)
        self.status: Final = status


@dataclass(frozen=True, slots=True)
class Command:
    """A command packet without count and CRC; `opcode` may be one that no chip knows."""

    opcode: int
    param1: int
    param2: int
    data: bytes = b""

    @classmethod
    def from_bytes(cls, packet: bytes) -> "Command":
        """Parse a packet that starts with its count.

        Raises:
            RefusedError: CRC_ERROR for a wrong length or CRC, as the chip cannot tell them apart.
        """
        if not _OVERHEAD <= len(packet) <= PACKET_LIMIT or packet[0] != len(packet):
            raise RefusedError(Status.CRC_ERROR)
        if crc16(packet[:-2]) != packet[-2:]:
            raise RefusedError(Status.CRC_ERROR)
        return cls(packet[1], packet[2], int.from_bytes(packet[3:5], "little"), packet[5:-2])

    def to_bytes(self) -> bytes:
        """Return the packet, count first."""
        head = bytes((_OVERHEAD + len(self.data), self.opcode, self.param1)) + self.param2.to_bytes(2, "little")
        return head + self.data + crc16(head + self.data)


def reply(content: bytes) -> bytes:
    """Return a reply packet: count, data or one status byte, CRC."""
    body = bytes((len(content) + 3,)) + content
    return body + crc16(body)


def reply_content(packet: bytes) -> bytes:
    """Return what a reply packet carries.

    Raises:
        ValueError: its count or CRC is wrong.
    """
    if len(packet) < 4 or packet[0] != len(packet) or crc16(packet[:-2]) != packet[-2:]:
        raise ValueError("reply with a wrong count or CRC")
    return packet[1:-2]


def crc16(data: bytes) -> bytes:
    """Return the chip's CRC-16 (polynomial 0x8005, bits of a byte from the lowest, start 0), low byte first."""
    crc = 0
    for byte in data:
        for shift in range(8):
            feedback = (byte >> shift & 1) ^ (crc >> 15)
            crc = (crc << 1 & 0xFFFF) ^ (0x8005 if feedback else 0)
    return crc.to_bytes(2, "little")
