"""One drawing for both formats: names beside the rows, the key large with its meaning, nothing off the sheet."""

import io
import random
from dataclasses import replace
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from kitbench.forensics.flash_picture.drawing import describe, draw, size_text
from kitbench.forensics.flash_picture.flash_map import FINDING_COLOUR, FlashMap, make_map
from kitbench.forensics.flash_picture.png import to_png
from kitbench.forensics.flash_picture.shapes import Box, Polygon, Ring, Text
from kitbench.forensics.flash_picture.sign import Sign, SignKind
from kitbench.forensics.flash_picture.svg import to_svg
from kitbench.forensics.layout.finding import Finding, Place
from tests.kitbench.forensics.flash_picture.test_flash_map import KEY
from tests.kitbench.forensics.flash_sample import flash

CLEAN = replace(make_map(flash(), title="clean"), sign=Sign(SignKind.CLEAN, "NO PRIVATE KEY FOUND", "in any form"))
OPEN = replace(
    make_map(b"\xff" * 0x10001), sign=Sign(SignKind.OPEN, "PROVES NOTHING", "either way: " + "it is cut " * 40)
)


def keys(count: int) -> list[Finding]:
    return [replace(KEY, place=replace(KEY.place, offset=0x10300 + 0x400 * at)) for at in range(count)]


MAPS = {
    "key": make_map(flash(), [KEY], title="a <title>"),
    "many": make_map(flash(), keys(9)),
    "key in erased flash": make_map(b"\xff" * (1 << 20), [replace(KEY, place=Place(0xFFF00), size=99_999)]),
    "clean": CLEAN,
    "open": OPEN,
    "noise": make_map(random.Random(4).randbytes(0x30000)),
    "one byte": make_map(b"\x01"),
}


def texts(*maps: FlashMap) -> list[str]:
    return [shape.text for shape in draw(maps).shapes if isinstance(shape, Text)]


@pytest.mark.parametrize("flash_map", MAPS.values(), ids=MAPS)
def test_nothing_lies_off_the_sheet(flash_map: FlashMap) -> None:
    drawing = draw([flash_map, CLEAN])

    for shape in drawing.shapes:
        match shape:
            case Box():
                edges = (shape.x, shape.y, shape.x + shape.width, shape.y + shape.height)
            case Polygon():
                edges = (*map(min, zip(*shape.points, strict=True)), *map(max, zip(*shape.points, strict=True)))
            case Ring():
                edges = (shape.x - 12, shape.y - 12, shape.x + 12, shape.y + 12)
            case Text():
                assert shape.text
                begin = shape.x - 6 * len(shape.text) if shape.is_right else shape.x
                edges = (begin, shape.y - shape.size, begin, shape.y)
        assert 0 <= edges[0] <= edges[2] <= drawing.width
        assert 0 <= edges[1] <= edges[3] <= drawing.height


@pytest.mark.parametrize("flash_map", MAPS.values(), ids=MAPS)
def test_svg_and_png_are_the_same_drawing(flash_map: FlashMap) -> None:
    drawing = draw([flash_map])
    svg = ET.fromstring(to_svg(flash_map))
    picture = Image.open(io.BytesIO(to_png(flash_map)))

    written = [element.text for element in svg.iter() if element.tag.endswith("}text")]
    assert written == [shape.text for shape in drawing.shapes if isinstance(shape, Text)]
    assert (float(svg.get("width", "")) * 2, float(svg.get("height", "")) * 2) == picture.size
    for shape in drawing.shapes:
        if isinstance(shape, Box) and shape.stroke == "#000000":
            inside = (round(2 * shape.x + shape.width), round(2 * shape.y + shape.height))
            assert picture.getpixel(inside) == (0xD7, 0x19, 0x1C)


def test_key_is_large_and_says_place_and_meaning() -> None:
    (box,) = (shape for shape in draw([MAPS["key"]]).shapes if isinstance(shape, Box) and shape.stroke == "#000000")
    words = " ".join(texts(MAPS["key"]))

    assert (box.fill, box.width >= 14, box.height >= 20) == (FINDING_COLOUR, True, True)
    for part in ("PRIVATE KEY", "whoever holds the kit for a minute can copy it", "factory + 0x300"):
        assert part in words
    for part in ("flash 0x00010300", "address 0x3f400300", "private_pem_key", "nvs", "boot loader"):
        assert part in words


def test_of_many_keys_the_first_are_told_and_all_are_marked() -> None:
    boxes = [one for one in draw([MAPS["many"]]).shapes if isinstance(one, Box) and one.stroke == "#000000"]

    assert len(boxes) == 9
    assert "9 PRIVATE KEYS" in texts(MAPS["many"])
    assert "and 5 more private keys" in texts(MAPS["many"])


def test_clean_map_has_a_sign_and_no_red() -> None:
    picture = np.asarray(Image.open(io.BytesIO(to_png(CLEAN))).convert("RGB"))

    assert "NO PRIVATE KEY FOUND" in texts(CLEAN)
    assert np.count_nonzero((picture[: len(picture) * 3 // 4] == (0xD7, 0x19, 0x1C)).all(axis=2)) == 0


def test_variants_stand_side_by_side() -> None:
    both = draw([MAPS["key"], CLEAN])

    assert both.width == 2 * draw([CLEAN]).width
    assert [text for text in texts(MAPS["key"], CLEAN) if text in {"PRIVATE KEY", "NO PRIVATE KEY FOUND"}] == [
        *("PRIVATE KEY", "NO PRIVATE KEY FOUND")
    ]


def test_words_for_who_does_not_see_it() -> None:
    assert "no key is marked" in describe(make_map(flash()))
    assert "factory + 0x300" in describe(MAPS["key"])
    assert "NO PRIVATE KEY FOUND in any form" in describe(CLEAN)


def test_names_from_the_dump_are_text() -> None:
    hostile = replace(CLEAN.partitions[0], name="<b>\n\x1b[31m")
    svg = to_svg(replace(CLEAN, partitions=(hostile,), title="</title><script>"))

    assert ET.fromstring(svg).tag.endswith("svg")
    assert "\x1b" not in svg
    assert "<script" not in svg


@pytest.mark.parametrize(("size", "text"), [(1 << 20, "1 MB"), (0x6000, "24 KB"), (100, "100 bytes")])
def test_sizes_are_said_as_people_do(size: int, text: str) -> None:
    assert size_text(size) == text
