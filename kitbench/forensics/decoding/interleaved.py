"""Finds bytes with fillers between them, as an array of 16- or 32-bit numbers holds them."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Every
from kitbench.forensics.decoding.window_batch import pieces

#: Widths of the numbers that hold a byte each.
_STRIDES: Final = (2, 4)
#: Fillers between the 32 bytes of a raw P-256 key, less one: so many times a filler equals the one before.
_EQUALS: Final = 30
#: A number with fewer distinct bytes is no key: a run with something at its end, a table of small numbers.
_FEWEST_DISTINCT: Final = 8
#: Runs of one byte are cut to this first, at both ends: they hold no key, but a key can begin or end with their byte.
_RUN: Final = 128


def interleaved_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each stretch in which every second or fourth byte is the same, without the fillers."""
    for begin, run_begin in pieces(layer.data, _RUN):
        end = min(run_begin + _RUN, len(layer.data))
        view = np.frombuffer(layer.data, np.uint8, end - begin, begin)
        seen: set[tuple[int, int]] = set()
        for stride in _STRIDES:
            for first, last in _fillers(view, stride):
                for start in range(max(0, first - stride + 1), first + stride):
                    key = (start % stride, last)
                    if start % stride == first % stride or key in seen:
                        continue
                    data = view[start : last + stride : stride].tobytes()
                    if len(set(data)) < _FEWEST_DISTINCT:
                        continue
                    seen.add(key)
                    yield Layer(data, "interleaved", layer, Every(begin + start, stride))


def _fillers(data: npt.NDArray[np.uint8], stride: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of each row of equal bytes that stand a stride apart."""
    if len(data) <= stride * _EQUALS:  # most layers are short, and numpy takes its time to say so
        return
    equal = data[stride:] == data[:-stride]
    for phase in range(stride):
        row = equal[phase::stride]
        for width in (1, 2, 4, 8, _EQUALS - 16):  # 2, 4, 8, 16, and at last all of them in a row
            row = row[:-width] & row[width:] if len(row) > width else row[:0]
        starts = np.flatnonzero(row)
        for run in np.split(starts, np.flatnonzero(np.diff(starts) > 1) + 1) if len(starts) else ():
            yield phase + stride * int(run[0]), phase + stride * (int(run[-1]) + _EQUALS)
