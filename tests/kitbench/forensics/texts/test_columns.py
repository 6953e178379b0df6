"""Dumps of every base and width are read, without their offsets and the text beside."""

import random

import pytest

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.columns import column_layers

SECRET = random.Random(4).randbytes(96)
#: Digits of a cell, its bytes, its format.
CELLS = {
    "binary": (1, "{:08b}"),
    "octal": (1, "{:03o}"),
    "octal words": (2, "{:06o}"),
    "decimal": (1, "{:3d}"),
    "decimal words": (2, "{:05d}"),
    "hex": (1, "{:02x}"),
    "hex words": (2, "{:04x}"),
    "32 bits": (4, "{:08x}"),
    "64 bits": (8, "{:016x}"),
}
BESIDE = {
    "nothing": "{cells}\n",
    "offset of od": "{offset:07o} {cells}\n",
    "offset and text of xxd": "{offset:08x}: {cells}  ..0w..a...Z.....\n",
    "blanks": "        {cells}\r\n",
}


def dump(cell: str, beside: str) -> bytes:
    size, form = CELLS[cell]
    text = ""
    for offset in range(0, len(SECRET), 16):
        words = (SECRET[at : at + size] for at in range(offset, offset + 16, size))
        cells = " ".join(form.format(int.from_bytes(word, "little")) for word in words)
        text += BESIDE[beside].format(offset=offset, cells=cells)
    return text.encode()


@pytest.mark.parametrize("beside", BESIDE)
@pytest.mark.parametrize("cell", CELLS)
def test_cells_are_read_line_by_line(cell: str, beside: str) -> None:
    image = b"\0" + dump(cell, beside) + b"\0"

    found = [layer for layer in column_layers(Layer(image)) if SECRET[16:] in layer.data]

    assert found
    assert found[0].origin(found[0].data.index(SECRET[16:])) > image.index(b"\n")


def test_characters_of_od_are_read() -> None:
    escapes = {0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
    cells = [escapes.get(byte, chr(byte) if 0x20 <= byte < 0x7F else f"{byte:03o}") for byte in SECRET]
    rows = ["".join(f"{cell:>4}" for cell in cells[at : at + 16]) for at in range(0, len(cells), 16)]
    text = "".join(f"{16 * index:07o}{row}\n" for index, row in enumerate(rows)).encode()

    assert any(layer.data == SECRET for layer in column_layers(Layer(text)))


def test_table_of_a_few_numbers_gives_no_layer() -> None:
    assert list(column_layers(Layer(b"00 01 02 03\nwords, and not a cell of any dump\n00 01 02"))) == []
