"""What a window scan walks over: layers one behind the other, in batches, with runs of one byte cut short.

Erased flash is most of a dump and all of its windows are alike: runs longer than a window are cut to its width, which
keeps each distinct window and its offset. Batches bound the memory of a scan; windows across their border stand in the
next one.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from kitbench.forensics.decoding.layer import Layer

#: Bytes of a batch. Larger ones spare tables of the EC scan (at 4 MB it should take 6 % less time), smaller ones spare
#: memory: a scan needs six times a batch.
BATCH_SIZE: Final = 2 << 20
#: Runs are looked for in stretches of this size, for the sake of memory.
_STRETCH: Final = 1 << 18
#: A run is cut only where it spares at least this much, for each cut costs a note.
_LEAST_SAVING: Final = 64


@dataclass(frozen=True, slots=True)
class Batch:
    """Bytes to scan; from `starts[i]` on they stand at `origins[i]` of the layer `owners[i]`."""

    data: bytes
    layers: Sequence[Layer]
    starts: Sequence[int]
    owners: Sequence[int]
    origins: Sequence[int]

    def place(self, offset: int) -> tuple[Layer, int]:
        """Return the layer in which a window begins, and where."""
        piece = bisect_right(self.starts, offset) - 1
        return self.layers[self.owners[piece]], self.origins[piece] + offset - self.starts[piece]


class _Collector:
    """Gathers pieces until a batch is full."""

    def __init__(self, layers: Sequence[Layer], overlap: int) -> None:
        self._layers = layers
        self._overlap = overlap
        self.data = bytearray()
        self.is_fresh = False
        self._starts, self._owners, self._origins = array("I"), array("I"), array("I")

    def add(self, owner: int, origin: int, piece: memoryview) -> None:
        self._starts.append(len(self.data))
        self._owners.append(owner)
        self._origins.append(origin)
        self.data += piece
        self.is_fresh = True

    def take(self) -> Batch:
        """Return what was gathered, and keep its end: windows that begin there go on in the next batch."""
        batch = Batch(bytes(self.data), self._layers, self._starts, self._owners, self._origins)
        keep_from = max(0, len(self.data) - self._overlap)
        first = bisect_right(batch.starts, keep_from) - 1
        self._starts = array("I", (max(0, start - keep_from) for start in batch.starts[first:]))
        self._owners = array("I", batch.owners[first:])
        self._origins = array("I", batch.origins[first:])
        self._origins[0] += max(0, keep_from - batch.starts[first])
        self.data = bytearray(batch.data[keep_from:])
        self.is_fresh = False
        return batch


def batches(layers: Sequence[Layer], width: int, *, shortest: int | None = None) -> Iterator[Batch]:
    """Yield the layers in batches; every distinct window of `width` bytes of a layer is in one of them.

    A window that begins before a run ends within what is left of it; one that begins in the run keeps its distance to
    the run's end. Windows across the border of two layers are in them, too: they belong to neither.

    Args:
        layers: in the order in which they are walked.
        width: of the widest window.
        shortest: width of the narrowest window, when there are several: shorter layers are left out.
    """
    collector = _Collector(layers, width - 1)
    for owner, layer in enumerate(layers):
        if len(layer.data) < (shortest or width):
            continue
        view = memoryview(layer.data)
        for piece_begin, piece_end in pieces(layer.data, width):
            begin = piece_begin
            while begin < piece_end:
                end = min(piece_end, begin + BATCH_SIZE - len(collector.data))
                collector.add(owner, begin, view[begin:end])
                begin = end
                if len(collector.data) >= BATCH_SIZE:
                    yield collector.take()
    if collector.is_fresh:
        yield collector.take()


def pieces(data: bytes, width: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of what is left of data when long runs are cut to their last `width` bytes."""
    begin = 0
    for run_begin, run_end in _runs(data, width + _LEAST_SAVING):
        if run_begin > begin:
            yield begin, run_begin
        begin = run_end - width
    if len(data) > begin:
        yield begin, len(data)


def _runs(image: bytes, shortest: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the runs of one byte."""
    if len(image) < shortest:
        return
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
