"""The zoom: what is used is drawn, on one scale; what is erased is only mentioned; no byte is forgotten."""

import random
from itertools import pairwise

import pytest

from kitbench.forensics.flash_picture.flash_map import CellClass, FlashMap, make_map
from kitbench.forensics.flash_picture.rows import COLUMNS, NOWHERE, Row, Scale, rows, sections, zoom
from tests.kitbench.forensics.flash_sample import flash

NOISE = random.Random(5).randbytes(0x40000)
DUMPS = {
    "a kit's": flash(),
    "erased": b"\xff" * 0x20000,
    "noise": NOISE,
    "large": flash().ljust(4 << 20, b"\xff") + NOISE,
    "one byte": b"\x01",
    "cut in a partition": flash()[:0x10123],
}


def drawn(flash_map: FlashMap) -> list[Row]:
    return list(rows(flash_map, zoom([flash_map])))


@pytest.mark.parametrize("dump", DUMPS.values(), ids=DUMPS)
def test_rows_cover_the_flash_without_gap_or_overlap(dump: bytes) -> None:
    flash_map = make_map(dump)

    ends = [(row.begin, row.begin + row.size) for row in drawn(flash_map)]

    assert (ends[0][0], ends[-1][1]) == (0, len(dump))
    assert all(end == begin for (_, end), (begin, _) in pairwise(ends))
    assert all(row.section.begin <= row.begin < row.section.end for row in drawn(flash_map))


@pytest.mark.parametrize("dump", DUMPS.values(), ids=DUMPS)
def test_what_is_not_drawn_is_erased(dump: bytes) -> None:
    for row in drawn(make_map(dump)):
        assert bool(row.cells) == (set(dump[row.begin : row.begin + row.size]) != {0xFF})


@pytest.mark.parametrize("dump", DUMPS.values(), ids=DUMPS)
def test_every_section_is_named_once(dump: bytes) -> None:
    flash_map = make_map(dump)

    named = [row.section for row in drawn(flash_map) if row.is_first]

    assert named == list(sections(flash_map))


def test_sections_have_the_names_that_people_know() -> None:
    names = [section.name for section in sections(make_map(DUMPS["a kit's"]))]

    assert names[:2] == ["boot loader", "partition table"]
    assert {"nvs", "factory"} <= set(names)
    assert names[-1] in {"factory", NOWHERE, names[-1]}
    assert [section.name for section in sections(make_map(NOISE))] == ["the whole dump"]


def test_pictures_side_by_side_have_one_scale() -> None:
    small, large = make_map(flash()), make_map(NOISE * 8)

    assert zoom([small]) == Scale(COLUMNS * 256)
    assert zoom([large]).row > zoom([small]).row
    assert zoom([small, large]) == zoom([large])


def test_cell_of_several_shows_the_most_telling() -> None:
    dump = b"\xff" * 0x100 + b"\x00" * 0x100 + NOISE[:0x100] + b"\xff" * 0x100

    (row,) = rows(make_map(dump), Scale(COLUMNS * 512))

    assert row.cells == (CellClass.ZERO, CellClass.NOISE)
