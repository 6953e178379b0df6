"""What a picture of the flash shows: the class of each 256 bytes, the partitions, the keys that were found.

The classes differ in lightness, so that the picture reads in grey and for every kind of colour vision; a finding has a
black frame and a label as well. `flash_picture` draws it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from kitbench.flash_format.partition_table import Partition
from kitbench.forensics.flash_picture.sign import Sign, sign_of
from kitbench.forensics.layout.finding import Finding
from kitbench.forensics.layout.flash_layout import read_layout
from kitbench.forensics.proof.verdict import Verdict

CELL_SIZE: Final = 256
#: Cells that are looked at together: a whole 16 MB at once would take eight times its size.
_TOGETHER: Final = 256
#: Distinct values among the 256 bytes of a cell: noise has 162 ± 7, machine code seldom more than 120.
_DISTINCT_OF_NOISE: Final = 140
_SHARE_OF_TEXT: Final = 0.85


class CellClass(IntEnum):
    """What a cell mostly holds; lighter to darker."""

    ERASED = 0
    ZERO = 1
    TEXT = 2
    DATA = 3
    NOISE = 4


#: Fill colours; their lightness falls by at least 15 steps from one to the next.
COLOURS: Final[dict[CellClass, str]] = {
    CellClass.ERASED: "#f4f4f2",
    CellClass.ZERO: "#d2d2cf",
    CellClass.TEXT: "#9fc5e0",
    CellClass.DATA: "#5b8db8",
    CellClass.NOISE: "#24466b",
}
FINDING_COLOUR: Final = "#d7191c"
LABELS: Final = {
    CellClass.ERASED: "erased (0xff)",
    CellClass.ZERO: "zeros",
    CellClass.TEXT: "text",
    CellClass.DATA: "code and data",
    CellClass.NOISE: "random, compressed or encrypted",
}


@dataclass(frozen=True, slots=True)
class Mark:
    """A finding as the picture shows it: first and last cell, and what stands beside it, line by line."""

    first_cell: int
    last_cell: int
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FlashMap:
    """What a picture shows; `cells` has one class per 256 bytes of flash.

    Attributes:
        size: bytes of flash.
        partitions: sorted by offset.
        marks: one per finding of a private key, sorted by offset.
        title: whose flash it is, "" for nobody's.
        sign: what the verdict says of it; None where there is no verdict.
    """

    size: int
    cells: npt.NDArray[np.uint8]
    partitions: tuple[Partition, ...]
    marks: tuple[Mark, ...]
    title: str = ""
    sign: Sign | None = None


def make_map(
    dump: bytes, findings: Sequence[Finding] = (), *, title: str = "", verdict: Verdict | None = None
) -> FlashMap:
    """Return the map of a dump with its leaked keys: those of the verdict, where there is one."""
    found = findings if verdict is None else verdict.findings
    marks = tuple(_mark(finding) for finding in found if finding.is_leaked_key)
    ordered = tuple(sorted(marks, key=lambda mark: mark.first_cell))
    sign = None if verdict is None else sign_of(verdict)
    return FlashMap(len(dump), classify(dump), read_layout(dump).partitions, ordered, title, sign)


def classify(dump: bytes) -> npt.NDArray[np.uint8]:
    """Return the class of each 256 bytes; a last, shorter cell is filled with 0xFF."""
    padded = np.frombuffer(dump.ljust(-(-len(dump) // CELL_SIZE) * CELL_SIZE, b"\xff"), np.uint8)
    cells = padded.reshape(-1, CELL_SIZE)
    classes = np.full(len(cells), CellClass.DATA, np.uint8)
    for begin in range(0, len(cells), _TOGETHER):
        part = cells[begin : begin + _TOGETHER]
        ordered = np.sort(part, axis=1)
        distinct = 1 + np.count_nonzero(ordered[:, 1:] != ordered[:, :-1], axis=1)
        printable = ((part >= 0x20) & (part < 0x7F)) | (part == 0x0A) | (part == 0x0D)
        row = classes[begin : begin + _TOGETHER]
        row[distinct >= _DISTINCT_OF_NOISE] = CellClass.NOISE
        row[printable.mean(axis=1) >= _SHARE_OF_TEXT] = CellClass.TEXT
        row[(part == 0).all(axis=1)] = CellClass.ZERO
        row[(part == 0xFF).all(axis=1)] = CellClass.ERASED
    return classes


def _mark(finding: Finding) -> Mark:
    place = finding.place
    lines = [f"{finding.key_type} private key", f"flash {place.offset:#010x}"]
    if place.partition is not None:
        lines.append(f"{place.partition} + {place.partition_offset:#x}")
    if place.address is not None:
        lines.append(f"address {place.address:#010x}")
    if place.symbol is not None:
        lines.append(place.symbol)
    if place.storage is not None:
        lines.append(place.storage)
    lines.append(finding.form)
    last = place.offset + max(finding.size, 1) - 1
    return Mark(place.offset // CELL_SIZE, last // CELL_SIZE, tuple(lines))
