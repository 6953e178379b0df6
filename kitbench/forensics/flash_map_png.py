"""The flash map as PNG."""

import io
from typing import Final

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from kitbench.forensics.flash_map import CELLS_PER_ROW, COLOURS, FINDING_COLOUR, LABELS, CellClass, FlashMap

_CELL: Final = 3
_ROW: Final = 8
_LEFT: Final = 90
_TOP: Final = 60
_LABELS_WIDTH: Final = 330
_LINE: Final = 15
_INK: Final = "#222222"
_BAR_COLOURS: Final = ("#e3ddd0", "#cfc7b4")


def to_png(flash: FlashMap) -> bytes:
    """Return the picture as PNG."""
    labels_height = sum(_LINE * (len(mark.lines) + 1) for mark in flash.marks)
    height = _TOP + max(flash.rows * _ROW, labels_height) + 40
    width = _LEFT + CELLS_PER_ROW * _CELL + _LABELS_WIDTH
    picture = Image.new("RGB", (width, height), "#ffffff")
    picture.paste(_grid(flash), (_LEFT, _TOP))
    draw = ImageDraw.Draw(picture)
    draw.font = ImageFont.load_default(12)
    _draw_partitions(draw, flash)
    for row in range(0, flash.rows, max(1, flash.rows // 16)):
        draw.text((8, _TOP + row * _ROW - 4), f"{row * 0x10000:#010x}", fill=_INK)
    _draw_marks(draw, flash)
    _draw_legend(draw, height - 22)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _grid(flash: FlashMap) -> Image.Image:
    palette = np.array([[int(COLOURS[kind][i : i + 2], 16) for i in (1, 3, 5)] for kind in CellClass], np.uint8)
    cells = np.full(flash.rows * CELLS_PER_ROW, CellClass.ERASED, np.uint8)
    cells[: len(flash.cells)] = flash.cells
    pixels = palette[cells.reshape(flash.rows, CELLS_PER_ROW)]
    return Image.fromarray(pixels.repeat(_ROW, axis=0).repeat(_CELL, axis=1))


def _draw_partitions(draw: ImageDraw.ImageDraw, flash: FlashMap) -> None:
    scale = CELLS_PER_ROW * _CELL / max(flash.size, 1)
    draw.text((8, 24), "partitions", fill=_INK)
    for index, partition in enumerate(flash.partitions):
        x = _LEFT + partition.offset * scale
        end = _LEFT + min(partition.end, flash.size) * scale
        if end <= x:
            continue
        draw.rectangle((x, 18, end, 42), fill=_BAR_COLOURS[index % 2], outline="#777777")
        if end - x > 8 * len(partition.name):
            draw.text((x + 4, 24), partition.name, fill=_INK)
    for mark in flash.marks:
        x = _LEFT + mark.first_cell * 256 * scale
        draw.polygon(((x - 5, 4), (x + 5, 4), (x, 16)), fill=FINDING_COLOUR, outline="#000000")
        draw.line((x, 16, x, 46), fill=FINDING_COLOUR, width=2)


def _draw_marks(draw: ImageDraw.ImageDraw, flash: FlashMap) -> None:
    y = _TOP
    for mark in flash.marks:
        for row in range(mark.first_cell // CELLS_PER_ROW, mark.last_cell // CELLS_PER_ROW + 1):
            first = max(mark.first_cell, row * CELLS_PER_ROW) % CELLS_PER_ROW
            last = min(mark.last_cell, (row + 1) * CELLS_PER_ROW - 1) % CELLS_PER_ROW
            top = _TOP + row * _ROW
            box = (_LEFT + first * _CELL - 2, top - 1, _LEFT + (last + 1) * _CELL + 1, top + _ROW)
            draw.rectangle(box, fill=FINDING_COLOUR, outline="#000000", width=1)
        row, column = divmod(mark.first_cell, CELLS_PER_ROW)
        y = max(y, _TOP + row * _ROW)
        x = _LEFT + CELLS_PER_ROW * _CELL + 16
        draw.line((_LEFT + column * _CELL, _TOP + row * _ROW + _ROW // 2, x - 4, y + 6), fill=FINDING_COLOUR)
        for index, line in enumerate(mark.lines):
            draw.text((x, y + index * _LINE), line, fill="#8c0d10")
        y += _LINE * (len(mark.lines) + 1)


def _draw_legend(draw: ImageDraw.ImageDraw, y: int) -> None:
    x = float(_LEFT)
    entries = [(COLOURS[kind], LABELS[kind]) for kind in CellClass] + [(FINDING_COLOUR, "private key")]
    for colour, label in entries:
        draw.rectangle((x, y, x + 11, y + 11), fill=colour, outline="#555555")
        draw.text((x + 16, y - 1), label, fill=_INK)
        x += 34 + draw.textlength(label)
