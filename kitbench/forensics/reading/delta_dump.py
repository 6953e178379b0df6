"""Reads a flash by asking for digests first and for bytes only where they are not known.

Pure but for the `FlashReader` it is given: blocks whose MD5 agrees with what is expected, or with erased flash, never
cross the wire. A last digest over the whole flash proves the result.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from kitbench.errors import BenchError

BLOCK_SIZE: Final = 0x10000
SECTOR_SIZE: Final = 0x1000
#: Bytes read by one command: what is lost when the link breaks.
READ_SIZE: Final = 0x20000


class NoDigestError(Exception):
    """The loader on the kit gives no digests."""


class FlashReader(Protocol):
    """What a loader on the kit answers."""

    @property
    def size(self) -> int:
        """Bytes of flash."""

    def md5(self, offset: int, size: int) -> bytes:
        """Return the 16-byte MD5 of a stretch, or raise NoDigestError."""

    def read(self, offset: int, size: int) -> bytes:
        """Return the bytes of a stretch, or raise BenchError."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a dump is; all numbers are bytes of flash.

    Attributes:
        judged: settled by digest or by reading.
        transferred: read over the wire.
    """

    judged: int
    transferred: int
    size: int


@dataclass
class DumpState:
    """What is known of the flash so far; it outlives a broken link."""

    size: int
    settled: dict[int, bytes] = field(default_factory=dict)
    transferred: int = 0

    def settle(self, offset: int, data: bytes) -> None:
        """Note whole sectors that are known for certain."""
        for at in range(0, len(data), SECTOR_SIZE):
            self.settled[offset + at] = data[at : at + SECTOR_SIZE]

    def open_sectors(self, begin: int, end: int) -> list[int]:
        """Return the offsets of sectors in [begin, end) that are not known yet."""
        return [at for at in range(begin, end, SECTOR_SIZE) if at not in self.settled]

    def image(self) -> bytes:
        """Return the flash; what is not known is 0xFF."""
        erased = b"\xff" * SECTOR_SIZE
        return b"".join(self.settled.get(at, erased) for at in range(0, self.size, SECTOR_SIZE))


def read_delta(
    reader: FlashReader,
    state: DumpState,
    *,
    known: Sequence[bytes] = (),
    progress: Callable[[Progress], None] = lambda _: None,
) -> bytes:
    """Return the whole flash; where the kit gives no digests, every byte of it is read, twice.

    Args:
        reader: the kit.
        state: filled as bytes come in; give it again, with a new reader, after a broken link.
        known: images from offset 0 that the flash may hold, likeliest first; shorter ones are erased behind their end.
        progress: called after each block and each read.

    Raises:
        BenchError: the flash's digest does not agree with what was read.
    """
    candidates = [*known, b""]
    with contextlib.suppress(NoDigestError):
        for block in range(0, state.size, BLOCK_SIZE):
            end = min(block + BLOCK_SIZE, state.size)
            if state.open_sectors(block, end):
                _settle_by_digest(reader, state, (block, end), candidates)
            progress(Progress(len(state.settled) * SECTOR_SIZE, state.transferred, state.size))
    return read_full(reader, state, progress=progress)


def read_full(reader: FlashReader, state: DumpState, *, progress: Callable[[Progress], None] = lambda _: None) -> bytes:
    """Return the whole flash, every byte read that is not settled; arguments and errors as of `read_delta`."""
    for offset, size in _runs(state.open_sectors(0, state.size)):
        _read_sectors(reader, state, offset, size)
        progress(Progress(len(state.settled) * SECTOR_SIZE, state.transferred, state.size))
    return verify(reader, state.image())


def verify(reader: FlashReader, image: bytes) -> bytes:
    """Return the image if the flash has its digest or, where the kit gives none, reads the same once more.

    Raises:
        BenchError: it has another one.
    """
    try:
        is_same = reader.md5(0, len(image)) == _md5(image)
    except NoDigestError:
        again = DumpState(len(image))
        for offset, size in _runs(again.open_sectors(0, again.size)):
            _read_sectors(reader, again, offset, size)
        is_same = again.image() == image
    if not is_same:
        raise BenchError("the flash does not have the digest of what was read: it changed meanwhile", stage="dump")
    return image


def _settle_by_digest(
    reader: FlashReader, state: DumpState, stretch: tuple[int, int], candidates: Sequence[bytes]
) -> None:
    """Settle the block, or else those of its sectors, whose digest is that of a candidate."""
    begin, end = stretch
    digest = reader.md5(begin, end - begin)
    for data in {_slice(candidate, begin, end) for candidate in candidates}:
        if _md5(data) == digest:
            state.settle(begin, data)
            return
    if end - begin > SECTOR_SIZE:
        for sector in state.open_sectors(begin, end):
            _settle_by_digest(reader, state, (sector, sector + SECTOR_SIZE), candidates)


def _slice(image: bytes, begin: int, end: int) -> bytes:
    return image[begin:end].ljust(end - begin, b"\xff")


def _read_sectors(reader: FlashReader, state: DumpState, offset: int, size: int) -> None:
    data = reader.read(offset, size)
    if len(data) != size:
        raise BenchError(f"short read at {offset:#x}: {len(data):#x} bytes, expected {size:#x}", stage="dump")
    state.transferred += size
    state.settle(offset, data)


def _runs(sectors: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield (offset, size) of neighbouring sectors, at most `READ_SIZE` each."""
    begin = end = -1
    for sector in sectors:
        if sector != end or end - begin >= READ_SIZE:
            if end > begin:
                yield begin, end - begin
            begin = sector
        end = sector + SECTOR_SIZE
    if end > begin:
        yield begin, end - begin


def _md5(data: bytes) -> bytes:
    return hashlib.md5(data, usedforsecurity=False).digest()
