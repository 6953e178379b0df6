"""The flash map: classes of cells, and marks of keys."""

import random
from dataclasses import replace
from itertools import pairwise

import pytest

from kitbench.forensics.canaries.disguise import pem
from kitbench.forensics.flash_picture.flash_map import COLOURS, CellClass, classify, make_map
from kitbench.forensics.layout.finding import Finding, FindingKind, Owner, Place
from tests.kitbench.forensics.flash_sample import code, ec_key, flash

KEY = Finding(
    kind=FindingKind.PRIVATE_KEY,
    form="pem",
    place=Place(0x10300, "factory", 0x300, 0, 0x3F400300, ("private_pem_key",)),
    size=600,
    key_type="EC secp256r1",
    owner=Owner.DEVICE,
)


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (b"\xff" * 256, CellClass.ERASED),
        (bytes(256), CellClass.ZERO),
        (pem(ec_key())[:220].ljust(256, b"\n"), CellClass.TEXT),
        (code(256), CellClass.DATA),
        (random.Random(3).randbytes(256), CellClass.NOISE),
        (b"\xff" * 255, CellClass.ERASED),
    ],
)
def test_classify_tells_cells_apart(cell: bytes, expected: CellClass) -> None:
    assert classify(cell).tolist() == [expected]


def test_colours_fall_in_lightness() -> None:
    lightness = [
        sum(int(colour[at : at + 2], 16) * weight for at, weight in ((1, 0.3), (3, 0.59), (5, 0.11)))
        for colour in COLOURS.values()
    ]

    assert all(first - second > 15 for first, second in pairwise(lightness))


def test_marks_are_in_the_order_of_the_flash() -> None:
    later = replace(KEY, place=Place(0x10800, "factory", 0x800))

    flash_map = make_map(flash(), [later, KEY, replace(KEY, owner=Owner.TEST_KEY)])

    assert [mark.lines[1] for mark in flash_map.marks] == ["flash 0x00010300", "flash 0x00010800"]
