"""The app's memory as the host sees it: every access is checked against the memory's present size."""

import ctypes
import struct
from typing import Protocol


class GuestFaultError(Exception):
    """The app handed over a pointer that leads out of its memory."""

    def __init__(self, address: int, size: int) -> None:
        super().__init__(f"{size} bytes at 0x{address:08x} are not in the app's memory")
        self.address = address


class LinearMemory(Protocol):
    """Raw memory: a fixed address in this process, and a size that may grow."""

    @property
    def address(self) -> int:
        """Where it begins in this process."""

    @property
    def size(self) -> int:
        """Bytes now."""


class GuestMemory:
    """Reads and writes by guest addresses, which arrive as signed 32-bit integers."""

    def __init__(self, memory: LinearMemory) -> None:
        self._memory = memory

    def _locate(self, address: int, size: int) -> int:
        address &= 0xFFFFFFFF
        if size < 0 or address + size > self._memory.size or (size and address == 0):
            raise GuestFaultError(address, size)
        return self._memory.address + address

    def read(self, address: int, size: int) -> bytes:
        """Return a copy of `size` bytes. Raises GuestFaultError."""
        return ctypes.string_at(self._locate(address, size), size)

    def write(self, address: int, data: bytes) -> None:
        """Copy `data` into the app's memory. Raises GuestFaultError."""
        ctypes.memmove(self._locate(address, len(data)), data, len(data))

    def read_text(self, address: int, limit: int = 256) -> str:
        """Return the NUL-terminated text at `address`, cut at `limit` bytes; empty for NULL."""
        address &= 0xFFFFFFFF
        if address == 0:
            return ""
        size = min(limit, max(self._memory.size - address, 0))
        return self.read(address, size).split(b"\0", 1)[0].decode(errors="replace")

    def read_words(self, address: int, count: int) -> tuple[int, ...]:
        """Return `count` unsigned 32-bit words."""
        return struct.unpack(f"<{count}I", self.read(address, 4 * count))

    def write_word(self, address: int, value: int) -> None:
        """Store an unsigned 32-bit word."""
        self.write(address, struct.pack("<I", value & 0xFFFFFFFF))
