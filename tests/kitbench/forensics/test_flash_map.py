"""The flash map: classes, marks, and pictures that show them."""

import io
import random
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from kitbench.forensics.disguise import pem
from kitbench.forensics.finding import Finding, FindingKind, Owner, Place
from kitbench.forensics.flash_map import COLOURS, CellClass, classify, make_map
from kitbench.forensics.flash_map_png import to_png
from kitbench.forensics.flash_map_svg import to_svg
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


def test_svg_names_the_place_and_is_sound_xml() -> None:
    svg = to_svg(make_map(flash(), [KEY]), title="a <title>")

    assert ET.fromstring(svg).tag.endswith("svg")
    for text in ("factory + 0x300", "flash 0x00010300", "address 0x3f400300", "private_pem_key", "#d7191c"):
        assert text in svg


def test_svg_without_finding_says_so() -> None:
    assert "no key is marked" in to_svg(make_map(flash()))


def test_png_shows_the_key_in_red() -> None:
    picture = Image.open(io.BytesIO(to_png(make_map(flash(), [KEY]))))

    reds = np.count_nonzero((np.asarray(picture) == (0xD7, 0x19, 0x1C)).all(axis=2))
    without = np.asarray(Image.open(io.BytesIO(to_png(make_map(flash())))))
    assert reds > np.count_nonzero((without == (0xD7, 0x19, 0x1C)).all(axis=2)) + 20


@pytest.mark.parametrize("dump", [b"\x01", b"\xff" * 0x10001, random.Random(4).randbytes(0x30000)])
def test_any_dump_gives_pictures(dump: bytes) -> None:
    assert to_png(make_map(dump)).startswith(b"\x89PNG")
    assert to_svg(make_map(dump)).startswith("<svg")
