"""The columns of dumps: of hexdump, od and xxd in their bases and widths, with or without offsets and text beside."""

import re
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Scattered
from kitbench.forensics.texts.stretch import Span, text_spans

_FEWEST_BYTES: Final = 32
_LINE: Final = re.compile(rb"[^\r\n]+")
#: The offset at the beginning of a line: what ends with a colon, seven digits of od and hexdump, or eight.
_OFFSET: Final = rb"(?:[0-9A-Fa-f]{4,16}:|[0-9A-Fa-f]{7}(?=[ \t])|[0-9A-Fa-f]{8}(?=[ \t]))?"
#: Where the cells have eight digits, too, eight without a colon are a cell.
_OFFSET_OF_WIDE: Final = rb"(?:[0-9A-Fa-f]{4,16}:|[0-9A-Fa-f]{7}(?=[ \t]))?"
_MOST_CELLS: Final = 4096
_ESCAPES: Final = {b"\\0": 0, b"\\a": 7, b"\\b": 8, b"\\t": 9, b"\\n": 10, b"\\v": 11, b"\\f": 12, b"\\r": 13}


@dataclass(frozen=True, slots=True)
class _Cell:
    """How a column looks: `size` bytes in a base."""

    pattern: bytes
    base: int
    size: int
    offset: bytes = _OFFSET

    def line(self) -> re.Pattern[bytes]:
        """Return the pattern of a line of such cells."""
        cell = rb"(?:(?<![!-~])|[ \t]{1,12})" + self.pattern + rb"(?![!-~])"
        return re.compile(rb"[ \t]{0,16}+" + self.offset + rb"(?P<cells>(?:" + cell + rb"){1,%d}+)" % _MOST_CELLS)


_CELLS: Final = tuple(
    (cell, cell.line(), re.compile(cell.pattern))
    for cell in (
        _Cell(rb"[01]{8}", 2, 1, _OFFSET_OF_WIDE),
        _Cell(rb"[0-3][0-7]{2}", 8, 1),
        _Cell(rb"[01][0-7]{5}", 8, 2),
        _Cell(rb"-?[0-9]{1,3}+", 10, 1),
        _Cell(rb"-?[0-9]{1,5}+", 10, 2),
        _Cell(rb"-?[0-9]{1,10}+", 10, 4, rb"[0-9A-Fa-f]{7}(?=[ \t])"),
        _Cell(rb"[0-9A-Fa-f]{2}", 16, 1),
        _Cell(rb"[0-9A-Fa-f]{4}", 16, 2),
        _Cell(rb"[0-9A-Fa-f]{8}", 16, 4, _OFFSET_OF_WIDE),
        _Cell(rb"[0-9A-Fa-f]{16}", 16, 8),
        _Cell(rb"[0-9A-Fa-f]{32}", 16, 16),
    )
)
#: od -c and hexdump -c: four places to a byte, which is a character, an escape or three octal digits.
_CHARACTERS: Final = re.compile(
    rb"[ \t]{0,16}[0-9A-Fa-f]{6,8}(?P<cells>(?: (?:  [!-~ ]| \\[0abtnvfr]|[0-3][0-7]{2})){1,64})"
)
_CHARACTER: Final = re.compile(rb" (?:  (?P<char>[!-~ ])| (?P<escape>\\[0abtnvfr])|(?P<octal>[0-3][0-7]{2}))")


class _Column:
    """Bytes that were read cell by cell, in both byte orders, and where each cell stands."""

    def __init__(self, form: str, size: int) -> None:
        self._form, self._size = form, size
        self._values: list[int] = []
        self._places = array("I")

    def add(self, value: int, place: int) -> None:
        self._values.append(value)
        self._places.append(place)

    def layers(self, parent: Layer) -> Iterator[Layer]:
        """Yield what was read, and begin anew."""
        values, places = self._values, self._places
        self._values, self._places = [], array("I")
        if len(values) * self._size < _FEWEST_BYTES:
            return
        orders: tuple[Literal["little", "big"], ...] = ("little", "big")
        for order in orders if self._size > 1 else orders[:1]:
            data = b"".join(value.to_bytes(self._size, order) for value in values)
            yield Layer(data, self._form, parent, Scattered(range(len(places)), places), (1, self._size))


def column_layers(layer: Layer) -> Iterator[Layer]:
    """Yield the cells of each table of bytes, line behind line."""
    for span in text_spans(layer.data):
        for cell, line, pattern in _CELLS:
            yield from _table(layer, span, cell, line, pattern)
        yield from _characters(layer, span)


def _table(
    layer: Layer, span: Span, cell: _Cell, line: re.Pattern[bytes], pattern: re.Pattern[bytes]
) -> Iterator[Layer]:
    column = _Column("hexdump", cell.size)
    for row in _LINE.finditer(layer.data, *span):
        match = line.match(layer.data, *row.span())
        if match is None:
            yield from column.layers(layer)
            continue
        for one in pattern.finditer(layer.data, *match.span("cells")):
            column.add(int(one[0], cell.base) % 256**cell.size, one.start())
    yield from column.layers(layer)


def _characters(layer: Layer, span: Span) -> Iterator[Layer]:
    column = _Column("hexdump", 1)
    for row in _LINE.finditer(layer.data, *span):
        match = _CHARACTERS.match(layer.data, *row.span())
        if match is None:
            yield from column.layers(layer)
            continue
        for one in _CHARACTER.finditer(layer.data, *match.span("cells")):
            octal = int(one["octal"] or b"0", 8)
            value = one["char"][0] if one["char"] else _ESCAPES[one["escape"]] if one["escape"] else octal
            column.add(value, one.start() + 1)
    yield from column.layers(layer)
