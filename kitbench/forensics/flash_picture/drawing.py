"""Lays a flash out: sign above, then what is used, row by row under its names, each key large with its place below."""

import textwrap
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from kitbench.forensics.flash_picture.flash_map import (
    CELL_SIZE,
    COLOURS,
    FINDING_COLOUR,
    LABELS,
    CellClass,
    FlashMap,
    Mark,
)
from kitbench.forensics.flash_picture.rows import COLUMNS, Row, Scale, rows, zoom
from kitbench.forensics.flash_picture.shapes import Box, Drawing, Polygon, Ring, Shape, Text
from kitbench.forensics.flash_picture.sign import Sign, SignKind, key_sign
from kitbench.quoting.terminal import printable_line

_CELL: Final = 3
_ROW: Final = 16
_LEFT: Final = 136
_GRID: Final = COLUMNS * _CELL
_SHEET: Final = _LEFT + _GRID + 20
_LINE: Final = 15
_SIGN: Final = 74
#: Characters that fit: of a sign's sentence, and below a row.
_SENTENCE: Final = 62
_LABEL: Final = 58
_NAME: Final = 19
#: A key is at least as wide as this, however little of the flash it takes.
_KEY: Final = 14
#: Keys that are told with their place; the others are counted.
_MOST_TOLD: Final = 4
_INK: Final = "#16202a"
_SOFT: Final = "#52616f"
_KEY_INK: Final = "#8c0d10"
_SIGN_COLOURS: Final = {SignKind.KEY: "#b3141a", SignKind.CLEAN: "#0b5c36", SignKind.OPEN: "#6b4a00"}


def draw(maps: Sequence[FlashMap]) -> Drawing:
    """Return the drawing of one flash, or of several side by side."""
    scale = zoom(maps)
    sheets = [list(_Sheet(one, scale).shapes()) for one in maps]
    height = max(max(shape.y for shape in sheet if isinstance(shape, Text)) for sheet in sheets) + 14
    shapes = [_moved(shape, index * _SHEET) for index, sheet in enumerate(sheets) for shape in sheet]
    return Drawing(len(maps) * _SHEET, height, tuple(shapes))


def describe(flash: FlashMap) -> str:
    """Return in words what the picture shows, for those who do not see it."""
    begin = f"{printable_line(flash.title)}: " if flash.title else ""
    sign = _sign(flash)
    words = f", {sign.headline} {sign.sentence}" if sign else ""
    if not flash.marks:
        return f"{begin}{flash.size:#x} bytes of flash, no key is marked{words}"
    return f"{begin}{flash.size:#x} bytes{words}; " + "; ".join(", ".join(mark.lines) for mark in flash.marks)


def _sign(flash: FlashMap) -> Sign | None:
    return flash.sign or (key_sign(len(flash.marks)) if flash.marks else None)


class _Sheet:
    """One flash, drawn from above; `_y` is where the next thing goes."""

    def __init__(self, flash: FlashMap, scale: Scale) -> None:
        self._flash = flash
        self._scale = scale
        self._y = 10.0

    def shapes(self) -> Iterator[Shape]:
        """Yield everything from top to bottom."""
        if self._flash.title:
            yield Text(10, self._y + 12, printable_line(self._flash.title)[:70], 15, _INK, is_bold=True)
            self._y += 24
        if sign := _sign(self._flash):
            yield from self._sign(sign)
        for row in rows(self._flash, self._scale):
            yield from self._row(row, self._scale)
        yield from self._legend(self._scale)

    def _sign(self, sign: Sign) -> Iterator[Shape]:
        lines = textwrap.wrap(printable_line(sign.sentence), _SENTENCE, max_lines=3, placeholder=" …")
        height = _SIGN + _LINE * max(0, len(lines) - 2)
        yield Box(10, self._y, _SHEET - 20, height, _SIGN_COLOURS[sign.kind])
        yield from _glyph(sign.kind, 44, self._y + height / 2)
        yield Text(82, self._y + 30, sign.headline, 22, "#ffffff", is_bold=True)
        for index, line in enumerate(lines):
            yield Text(82, self._y + 49 + index * _LINE, line, 12, "#ffffff")
        self._y += height + 14

    def _row(self, row: Row, scale: Scale) -> Iterator[Shape]:
        if row.is_first:
            name = textwrap.shorten(printable_line(row.section.name), _NAME, placeholder="…") or "(no name)"
            yield Text(_LEFT - 10, self._y + 12, name, 12, _INK, is_bold=True, is_right=True)
        else:
            yield Text(_LEFT - 10, self._y + 12, f"{row.begin:#x}", 10, _SOFT, is_right=True)
        if not row.cells:
            yield Text(_LEFT, self._y + 12, f"{size_text(row.size)} erased", 11, _SOFT)
            self._y += _ROW + 3
            return
        yield from self._cells(row, scale)
        here = [mark for mark in self._flash.marks if _overlaps(mark, row)]
        for mark in here:
            yield _key_box(mark, row, scale, self._y)
        self._y += _ROW + 4
        begun = [(index, one) for index, one in enumerate(self._flash.marks) if one in here and _begins_in(one, row)]
        for index, mark in begun:
            yield from self._told(index, mark, row, scale)

    def _cells(self, row: Row, scale: Scale) -> Iterator[Shape]:
        x = float(_LEFT)
        # A last cell that is not full is drawn as wide as it is.
        width = row.size / scale.cell * _CELL
        for kind, run in groupby(row.cells):
            length = min(len(list(run)) * _CELL, _LEFT + width - x)
            yield Box(x, self._y, length, _ROW, COLOURS[kind])
            x += length
        yield Box(_LEFT, self._y + _ROW, width, 0.5, _SOFT)

    def _told(self, index: int, mark: Mark, row: Row, scale: Scale) -> Iterator[Shape]:
        """Say below its row what a key is and where; of many the first few."""
        if index > _MOST_TOLD:
            return
        if index == _MOST_TOLD:
            lines = [f"and {len(self._flash.marks) - _MOST_TOLD} more private keys"]
        else:
            at = _key_x(mark, row, scale) + _KEY / 2
            yield Polygon(((at - 6, self._y + 8), (at + 6, self._y + 8), (at, self._y)), FINDING_COLOUR)
            lines = _packed([printable_line(line) for line in mark.lines])
        self._y += 8
        for number, line in enumerate(lines):
            yield Text(_LEFT, self._y + 12, line, 12, _KEY_INK, is_bold=number == 0)
            self._y += _LINE
        self._y += 8

    def _legend(self, scale: Scale) -> Iterator[Shape]:
        self._y += 6
        text = f"A full row is {size_text(scale.row)} of flash, in every partition; what is erased is not drawn."
        yield Text(10, self._y + 12, text, 11, _SOFT)
        self._y += 20
        x = 10.0
        entries = [(COLOURS[kind], LABELS[kind]) for kind in CellClass if kind is not CellClass.ERASED]
        for colour, label in [*entries, (FINDING_COLOUR, "private key")]:
            if x + 22 + 7 * len(label) > _SHEET:
                x, self._y = 10.0, self._y + _LINE + 2
            yield Box(x, self._y + 2, 11, 11, colour, "#777777")
            yield Text(x + 16, self._y + 12, label, 11, _INK)
            x += 30 + 6.4 * len(label)


def _packed(pieces: Sequence[str]) -> list[str]:
    """Return as few lines as hold the pieces, none of which is broken unless it is longer than a line."""
    lines: list[str] = []
    for piece in (part for whole in pieces for part in textwrap.wrap(whole, _LABEL)):
        if lines and len(lines[-1]) + 3 + len(piece) <= _LABEL:
            lines[-1] += f" · {piece}"
        else:
            lines.append(piece)
    return lines


def size_text(size: int) -> str:
    """Return a number of bytes as people say it."""
    if size >= 1 << 20:
        return f"{size / (1 << 20):.3g} MB"
    return f"{size / 1024:.3g} KB" if size >= 1024 else f"{size} bytes"


def _overlaps(mark: Mark, row: Row) -> bool:
    return mark.first_cell * CELL_SIZE < row.begin + row.size and (mark.last_cell + 1) * CELL_SIZE > row.begin


def _begins_in(mark: Mark, row: Row) -> bool:
    return row.begin <= mark.first_cell * CELL_SIZE < row.begin + row.size


def _key_x(mark: Mark, row: Row, scale: Scale) -> float:
    begin = max(mark.first_cell * CELL_SIZE, row.begin)
    return min(_LEFT + (begin - row.begin) // scale.cell * _CELL, _LEFT + _GRID - _KEY)


def _key_box(mark: Mark, row: Row, scale: Scale, y: float) -> Box:
    x = _key_x(mark, row, scale)
    end = min((mark.last_cell + 1) * CELL_SIZE, row.begin + row.size)
    width = max(_KEY, _LEFT + (end - row.begin) / scale.cell * _CELL - x)
    return Box(x, y - 3, width, _ROW + 6, FINDING_COLOUR, "#000000")


def _glyph(kind: SignKind, x: float, y: float) -> Iterator[Shape]:
    """Yield a key, a tick or a question mark, white, around a point."""
    if kind is SignKind.KEY:
        yield Ring(x - 12, y, 9, "#ffffff", 5)
        yield Box(x - 2, y - 3, 28, 6, "#ffffff")
        yield Box(x + 14, y, 5, 11, "#ffffff")
        yield Box(x + 21, y, 5, 9, "#ffffff")
    elif kind is SignKind.CLEAN:
        tick = ((-18, 0), (-12, -6), (-4, 3), (14, -16), (20, -10), (-4, 15))
        yield Polygon(tuple((x + dx, y + dy) for dx, dy in tick), "#ffffff")
    else:
        yield Text(x - 12, y + 15, "?", 42, "#ffffff", is_bold=True)


def _moved(shape: Shape, dx: float) -> Shape:
    match shape:
        case Box():
            return Box(shape.x + dx, shape.y, shape.width, shape.height, shape.fill, shape.stroke)
        case Polygon():
            return Polygon(tuple((x + dx, y) for x, y in shape.points), shape.fill)
        case Ring():
            return Ring(shape.x + dx, shape.y, shape.radius, shape.stroke, shape.width)
        case Text():
            return Text(shape.x + dx, shape.y, shape.text, shape.size, shape.fill, shape.is_bold, shape.is_right)
