"""Which rows of a flash are drawn: those that hold something, all on one scale, under the names of their partitions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from kitbench.flash_format import partition_table
from kitbench.forensics.flash_picture.flash_map import CELL_SIZE, CellClass, FlashMap

#: Cells side by side.
COLUMNS: Final = 128
#: Rows that a picture may have before its scale is halved.
_MOST_ROWS: Final = 24
#: What is in no partition.
NOWHERE: Final = "no partition"
_SMALLEST_ROW: Final = COLUMNS * CELL_SIZE


@dataclass(frozen=True, slots=True)
class Section:
    """A stretch of flash with a name; offsets in bytes."""

    name: str
    begin: int
    end: int


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the picture: cells that are drawn, or a stretch of nothing that is only mentioned (no cells).

    Attributes:
        begin: first byte of flash.
        size: bytes of flash.
        is_first: whether it begins its section, and so carries its name.
    """

    section: Section
    begin: int
    size: int
    cells: tuple[CellClass, ...]
    is_first: bool


@dataclass(frozen=True, slots=True)
class Scale:
    """How much flash a full row, and a cell in it, stands for, in bytes."""

    row: int

    @property
    def cell(self) -> int:
        """Bytes of a cell."""
        return self.row // COLUMNS


def zoom(maps: Sequence[FlashMap]) -> Scale:
    """Return the finest scale at which all that is used fits, the same for flashes that stand side by side."""
    row = _SMALLEST_ROW
    while any(
        sum(1 for one in rows(flash, Scale(row)) if one.cells) > _MOST_ROWS and row < flash.size for flash in maps
    ):
        row *= 2
    return Scale(row)


def sections(flash: FlashMap) -> Iterator[Section]:
    """Yield every byte of the flash once, in order, by the name of what it belongs to."""
    at = 0
    for partition in flash.partitions:
        begin, end = min(partition.offset, flash.size), min(partition.end, flash.size)
        if begin > at:
            yield from _outside(at, begin, is_first=at == 0)
        if end > max(begin, at):
            yield Section(partition.name, max(begin, at), end)
        at = max(at, end)
    if at < flash.size:
        yield Section(NOWHERE if flash.partitions else "the whole dump", at, flash.size)


def _outside(begin: int, end: int, *, is_first: bool) -> Iterator[Section]:
    """Name what stands before the first partition, where ESP-IDF puts it unless told otherwise."""
    table = partition_table.DEFAULT_OFFSET
    if is_first and begin < table < end:
        yield Section("boot loader", begin, table)
        yield Section("partition table", table, end)
    else:
        yield Section(NOWHERE, begin, end)


def rows(flash: FlashMap, scale: Scale) -> Iterator[Row]:
    """Yield the rows from the beginning of the flash to its end."""
    for section in sections(flash):
        is_first, empty_from = True, section.begin
        for begin in range(section.begin, section.end, scale.row):
            end = min(begin + scale.row, section.end)
            cells = _cells(flash.cells, begin, end, scale)
            if all(cell is CellClass.ERASED for cell in cells):
                continue
            if begin > empty_from:
                yield Row(section, empty_from, begin - empty_from, (), is_first)
                is_first = False
            yield Row(section, begin, end - begin, cells, is_first)
            is_first, empty_from = False, end
        if empty_from < section.end:
            yield Row(section, empty_from, section.end - empty_from, (), is_first)


def _cells(classes: npt.NDArray[np.uint8], begin: int, end: int, scale: Scale) -> tuple[CellClass, ...]:
    """Return the classes of a row's cells; of several in one cell the most telling, which is the darkest."""
    part = classes[begin // CELL_SIZE : -(-end // CELL_SIZE)]
    width = scale.cell // CELL_SIZE
    padded = np.full(-(-len(part) // width) * width, CellClass.ERASED, np.uint8)
    padded[: len(part)] = part
    return tuple(CellClass(one) for one in padded.reshape(-1, width).max(axis=1).tolist())
