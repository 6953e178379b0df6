"""Cuts runs of one byte, such as 0xFF, to the length of a window, which keeps each distinct window and its offset."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

#: The image is searched for runs in stretches of this size, for the sake of memory.
_STRETCH: Final = 1 << 20


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
    data = image if length == len(image) else b"".join(pieces)
    return CompactImage(data, tuple(starts) or (0,), tuple(origins) or (0,))


def _pieces(image: bytes, width: int) -> Iterable[tuple[int, int]]:
    begin = 0
    for run_begin, run_end in _runs(image, width + 1):
        yield begin, run_begin
        begin = run_end - width
    yield begin, len(image)


def _runs(image: bytes, shortest: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the runs of one byte."""
    data = np.frombuffer(image, np.uint8)
    begin = 0  # of the run that reaches into the stretch
    for at in range(1, len(data), _STRETCH):
        end = min(at + _STRETCH, len(data))
        edges = np.flatnonzero(data[at:end] != data[at - 1 : end - 1]) + at
        bounds = np.concatenate(([begin], edges))
        for index in np.flatnonzero(np.diff(bounds) >= shortest):
            yield int(bounds[index]), int(bounds[index + 1])
        begin = int(bounds[-1])
    if len(data) - begin >= shortest:
        yield begin, len(data)
