"""Windows of 32 bytes that look random and stand apart from others that do: where a number may hide in disguise.

To try each disguise costs as much as to scan a few hundred windows, and a third of the windows of machine code look
random. A key between texts, tables, values or erased flash has few such neighbours; in code and ciphertext all are.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.window_batch import Batch, batches

SIZE: Final = 32
#: Of 32 random bytes, all but 15 in a million have so many different ones, …
FEWEST_DISTINCT: Final = 24
#: … and all but 20 in a million have so many ones, and so many zeros, in each of the eight planes of their bits.
FEWEST_BITS: Final = 4
#: Windows on either side whose looks are asked for.
_REACH: Final = 128
#: Windows that are tried: so many, and one for each so many bytes of the dump.
_MOST: Final = 768
_BYTES_A_WINDOW: Final = 2560

_Bytes = NDArray[np.uint8]
_Places = NDArray[np.intp]


@dataclass
class LoneWindows:
    """The windows that are tried.

    Attributes:
        places: layer and offset of each.
        windows: their bytes, one row each.
        left: how many more look random, among too many others.
    """

    places: list[tuple[Layer, int]] = field(default_factory=list)
    windows: _Bytes = field(default_factory=lambda: np.zeros((0, SIZE), np.uint8))
    left: int = 0


@dataclass(slots=True)
class _Found:
    """Random-looking windows of a batch: where they begin, and how many of their neighbours look so, too."""

    batch: Batch
    at: _Places
    neighbours: _Places

    def least(self, most: int) -> "_Found":
        keep = self.neighbours <= most
        return _Found(self.batch, self.at[keep], self.neighbours[keep])


def lone_windows(layers: Sequence[Layer], size: int) -> LoneWindows:
    """Return the windows of the layers that look random with the fewest neighbours that do.

    Args:
        layers: searched at every byte; runs of one byte are cut short first.
        size: bytes of the dump, which say how many windows are tried.
    """
    allowed = _MOST + size // _BYTES_A_WINDOW
    counts = np.zeros(2 * _REACH + 2, np.intp)
    found: list[_Found] = []
    for batch in batches(layers, SIZE):
        one = _random_looking(batch)
        counts += np.bincount(one.neighbours, minlength=len(counts))
        found = [some.least(_most_neighbours(counts, allowed)) for some in (*found, one)]
    result = LoneWindows(left=int(counts.sum()))
    for some in found:
        _take(some, result)
    result.left -= len(result.places)
    return result


def _most_neighbours(counts: _Places, allowed: int) -> int:
    """Return with how many neighbours at most as many windows are left as are allowed."""
    return int(np.searchsorted(np.cumsum(counts), allowed, side="right")) - 1


def _take(some: _Found, result: LoneWindows) -> None:
    """Add the windows that stand in one layer, and not across the border of two."""
    data = np.frombuffer(some.batch.data, np.uint8)
    places = [some.batch.place(int(at)) for at in some.at]
    whole = [begin + SIZE <= len(layer.data) for layer, begin in places]
    result.places += [place for place, is_whole in zip(places, whole, strict=True) if is_whole]
    rows = some.at[np.array(whole, np.bool_)] if whole else some.at
    result.windows = np.concatenate((result.windows, data[rows[:, None] + np.arange(SIZE)]))


def _random_looking(batch: Batch) -> _Found:
    data = np.frombuffer(batch.data, np.uint8)
    if len(data) < SIZE:
        return _Found(batch, np.zeros(0, np.intp), np.zeros(0, np.intp))
    looks = _has_distinct_bytes(data)
    for plane in range(8):
        ones = _sums(data >> np.uint8(plane) & np.uint8(1), SIZE)
        looks &= (ones >= FEWEST_BITS) & (ones <= SIZE - FEWEST_BITS)
    around = _sums(np.pad(looks, _REACH).astype(np.uint8), 2 * _REACH + 1)
    at = np.flatnonzero(looks)
    return _Found(batch, at, around[at])


def _has_distinct_bytes(data: _Bytes) -> NDArray[np.bool_]:
    """Return for each window whether it has enough different bytes.

    A byte whose like stands before it in a window repeats: in all windows from the one that it ends to the one that its
    like begins.
    """
    order = np.argsort(data, kind="stable")
    like = np.flatnonzero(data[order[1:]] == data[order[:-1]])
    before, here = order[like], order[like + 1]
    near = here - before < SIZE
    before, here = before[near], here[near]
    changes = np.bincount(np.maximum(here - SIZE + 1, 0), minlength=len(data) + 1)
    changes -= np.bincount(before + 1, minlength=len(data) + 1)
    repeated = np.cumsum(changes)[: len(data) - SIZE + 1]
    return repeated <= SIZE - FEWEST_DISTINCT


def _sums(values: _Bytes, size: int) -> _Places:
    """Return the sum of each `size` values in a row."""
    totals = np.concatenate((np.zeros(1, np.intp), np.cumsum(values, dtype=np.intp)))
    sums: _Places = totals[size:] - totals[:-size]
    return sums
