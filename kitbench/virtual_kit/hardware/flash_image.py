"""The SPI flash chip: NOR cells that programming clears and only a sector erase sets.

Source: datasheet of GigaDevice GD25Q32 (4 KB sectors, erased to 0xFF).
"""

import hashlib
import threading
from collections.abc import Callable, Iterator
from typing import Final

SECTOR_SIZE: Final = 0x1000
DEFAULT_SIZE: Final = 0x400000
_ERASED_SECTOR: Final = b"\xff" * SECTOR_SIZE

#: Called with (offset of the sector, its new content) after each change.
SectorWatcher = Callable[[int, bytes], None]


class FlashRangeError(ValueError):
    """An access leaves the chip, or an erase is not aligned to sectors."""


class FlashImage:
    """Flash of a kit; erased sectors take no memory. Any thread may call it.

    Args:
        content: what the flash holds at the beginning, from offset 0; the rest is erased.
        size: bytes; a multiple of the sector size.
        on_change: is told of every sector that changed, for persistence.
    """

    def __init__(
        self, content: bytes = b"", *, size: int = DEFAULT_SIZE, on_change: SectorWatcher | None = None
    ) -> None:
        if size <= 0 or size % SECTOR_SIZE:
            raise FlashRangeError(f"flash size is 0x{size:x}, expected a multiple of 0x{SECTOR_SIZE:x}")
        if len(content) > size:
            raise FlashRangeError(f"flash content is 0x{len(content):x} bytes, the chip has 0x{size:x}")
        self._size = size
        self._on_change = on_change
        self._lock = threading.Lock()
        self._sectors: dict[int, bytes] = {}
        for index in range(-(-len(content) // SECTOR_SIZE)):
            self._put(index, content[index * SECTOR_SIZE : (index + 1) * SECTOR_SIZE].ljust(SECTOR_SIZE, b"\xff"))

    @property
    def size(self) -> int:
        """Bytes."""
        return self._size

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`.

        Raises:
            FlashRangeError: the range leaves the chip.
        """
        self._check(offset, size)
        if size == 0:
            return b""
        first, last = offset // SECTOR_SIZE, (offset + size - 1) // SECTOR_SIZE
        with self._lock:
            joined = b"".join(self._sectors.get(index, _ERASED_SECTOR) for index in range(first, last + 1))
        start = offset - first * SECTOR_SIZE
        return joined[start : start + size]

    def md5(self, offset: int, size: int) -> bytes:
        """Return the MD5 of a range, as the loaders give it.

        Raises:
            FlashRangeError: the range leaves the chip.
        """
        return hashlib.md5(self.read(offset, size), usedforsecurity=False).digest()

    def program(self, offset: int, data: bytes) -> None:
        """AND `data` into the flash at `offset`: bits are cleared, never set.

        Raises:
            FlashRangeError: the range leaves the chip.
        """
        self._check(offset, len(data))
        # Sector by sector, so that the watcher hears of whole sectors, and untouched ones stay unallocated.
        with self._lock:
            for index, start, piece in _by_sector(offset, data):
                old = self._sectors.get(index, _ERASED_SECTOR)
                end = start + len(piece)
                self._change(index, old[:start] + _and(old[start:end], piece) + old[end:])

    def erase(self, offset: int, size: int) -> None:
        """Set whole sectors to 0xFF.

        Raises:
            FlashRangeError: not aligned to sectors, or the range leaves the chip.
        """
        self._check(offset, size)
        if offset % SECTOR_SIZE or size % SECTOR_SIZE:
            raise FlashRangeError(f"erase of 0x{size:x} bytes at 0x{offset:x} is not aligned to sectors")
        with self._lock:
            for index in range(offset // SECTOR_SIZE, (offset + size) // SECTOR_SIZE):
                self._change(index, _ERASED_SECTOR)

    def _check(self, offset: int, size: int) -> None:
        if offset < 0 or size < 0 or offset + size > self._size:
            raise FlashRangeError(f"0x{size:x} bytes at 0x{offset:x} leave the flash of 0x{self._size:x} bytes")

    def _change(self, index: int, content: bytes) -> None:
        # Erasing what is erased is common, and must not reach the disk.
        if self._sectors.get(index, _ERASED_SECTOR) != content:
            self._put(index, content)
            if self._on_change is not None:
                self._on_change(index * SECTOR_SIZE, content)

    def _put(self, index: int, content: bytes) -> None:
        if content == _ERASED_SECTOR:
            self._sectors.pop(index, None)
        else:
            self._sectors[index] = content


def _by_sector(offset: int, data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Cut `data` at sector borders into (sector index, offset in the sector, bytes)."""
    position = 0
    while position < len(data):
        index, start = divmod(offset + position, SECTOR_SIZE)
        piece = data[position : position + SECTOR_SIZE - start]
        yield index, start, piece
        position += len(piece)


def _and(old: bytes, new: bytes) -> bytes:
    """AND two equally long byte strings; an erased target, the common case, needs no arithmetic."""
    if old.count(0xFF) == len(old):
        return new
    return (int.from_bytes(old, "little") & int.from_bytes(new, "little")).to_bytes(len(old), "little")
