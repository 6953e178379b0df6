"""Cuts runs of 0xFF and 0x00 to the length of a window, which keeps every distinct window and its offset."""

import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CompactImage:
    """What is left of an image; `starts[i]` in `data` stood at `origins[i]` in the image."""

    data: bytes
    starts: tuple[int, ...]
    origins: tuple[int, ...]

    def origin(self, offset: int) -> int:
        """Return where the window that begins at `offset` of `data` begins in the image."""
        piece = bisect_right(self.starts, offset) - 1
        return self.origins[piece] + offset - self.starts[piece]


def compact(image: bytes, *, width: int) -> CompactImage:
    """Return the image with runs longer than `width` cut to their last `width` bytes.

    A window that begins before a run ends within what is left of it; one that begins in the run keeps its distance to
    the run's end: so no window of `width` bytes is lost, and the offset of each is known.
    """
    pieces: list[memoryview] = []
    starts: list[int] = []
    origins: list[int] = []
    view = memoryview(image)
    length = 0
    for begin, end in _pieces(image, width):
        if end > begin:
            pieces.append(view[begin:end])
            starts.append(length)
            origins.append(begin)
            length += end - begin
    return CompactImage(b"".join(pieces), tuple(starts) or (0,), tuple(origins) or (0,))


def _pieces(image: bytes, width: int) -> Iterable[tuple[int, int]]:
    begin = 0
    run = re.compile(rb"\xff{%d,}|\x00{%d,}" % (width + 1, width + 1))
    for match in run.finditer(image):
        yield begin, match.start()
        begin = match.end() - width
    yield begin, len(image)
