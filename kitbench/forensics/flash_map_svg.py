"""The flash map as SVG that stands by itself or within an HTML page."""

from html import escape
from itertools import groupby
from typing import Final

from kitbench.forensics.flash_map import CELLS_PER_ROW, COLOURS, FINDING_COLOUR, LABELS, CellClass, FlashMap, Mark

_CELL: Final = 2
_ROW: Final = 6
_LEFT: Final = 74
_TOP: Final = 56
_LABELS_WIDTH: Final = 250
_LINE: Final = 13
_BAR: Final = 22
_FONT: Final = 'font-family="ui-monospace, Menlo, Consolas, monospace" font-size="11"'
#: Partitions alternate between two greys: their names tell them apart.
_BAR_COLOURS: Final = ("#e3ddd0", "#cfc7b4")


def to_svg(flash: FlashMap, *, title: str = "flash map") -> str:
    """Return the picture as an SVG element."""
    grid_width = CELLS_PER_ROW * _CELL
    grid_height = flash.rows * _ROW
    height = max(_TOP + grid_height + 40, _TOP + sum(_LINE * (len(mark.lines) + 1) for mark in flash.marks) + 40)
    width = _LEFT + grid_width + _LABELS_WIDTH
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" {_FONT}>',
        f"<title>{escape(title)}: {escape(describe(flash))}</title>",
        f'<rect width="{width}" height="{height}" fill="#ffffff"/>',
        *_partition_bar(flash, grid_width),
        *_grid(flash),
        *_row_labels(flash),
        *_marks(flash, grid_width),
        *_legend(_TOP + grid_height + 22),
        "</svg>",
    ]
    return "\n".join(parts)


def describe(flash: FlashMap) -> str:
    """Return in words what the picture shows, for those who do not see it."""
    if not flash.marks:
        return f"{flash.size:#x} bytes of flash, no key is marked"
    return f"{flash.size:#x} bytes; " + "; ".join(", ".join(mark.lines) for mark in flash.marks)


def _partition_bar(flash: FlashMap, width: int) -> list[str]:
    parts = [f'<text x="{_LEFT - 6}" y="31" text-anchor="end" fill="#333">partitions</text>']
    scale = width / max(flash.size, 1)
    for index, partition in enumerate(flash.partitions):
        x = _LEFT + partition.offset * scale
        span = max(1.0, min(partition.size, max(0, flash.size - partition.offset)) * scale)
        parts.append(
            f'<rect x="{x:.1f}" y="16" width="{span:.1f}" height="{_BAR}" fill="{_BAR_COLOURS[index % 2]}"'
            f' stroke="#777" stroke-width="0.5"><title>{escape(partition.name)} {partition.offset:#x}</title></rect>'
        )
        if span > 8 * len(partition.name):
            parts.append(f'<text x="{x + 4:.1f}" y="31" fill="#222">{escape(partition.name)}</text>')
    for mark in flash.marks:
        x = _LEFT + mark.first_cell * 256 * scale
        parts.append(f'<path d="M{x - 4:.1f} 6h8l-4 9z" fill="{FINDING_COLOUR}" stroke="#000" stroke-width="0.7"/>')
        parts.append(f'<path d="M{x:.1f} 15v{_BAR + 2}" stroke="{FINDING_COLOUR}" stroke-width="2"/>')
    return parts


def _grid(flash: FlashMap) -> list[str]:
    """One path per class: a picture of 16 MB of noise stays below a megabyte."""
    strokes: dict[int, list[str]] = {}
    for row in range(flash.rows):
        cells = flash.cells[row * CELLS_PER_ROW : (row + 1) * CELLS_PER_ROW].tolist()
        column = 0
        for kind, run in groupby(cells):
            length = len(list(run))
            y = _TOP + row * _ROW + _ROW // 2
            strokes.setdefault(kind, []).append(f"M{_LEFT + column * _CELL} {y}h{length * _CELL}")
            column += length
    return [
        f'<path d="{"".join(path)}" stroke="{COLOURS[CellClass(kind)]}" stroke-width="{_ROW}" fill="none"/>'
        for kind, path in sorted(strokes.items())
    ]


def _row_labels(flash: FlashMap) -> list[str]:
    step = max(1, flash.rows // 16)
    return [
        f'<text x="{_LEFT - 6}" y="{_TOP + row * _ROW + _ROW}" text-anchor="end" fill="#555" font-size="9">'
        f"{row * 0x10000:#010x}</text>"
        for row in range(0, flash.rows, step)
    ]


def _marks(flash: FlashMap, grid_width: int) -> list[str]:
    parts = []
    y = _TOP + 4
    for mark in flash.marks:
        parts += _mark_cells(mark)
        row, column = divmod(mark.first_cell, CELLS_PER_ROW)
        cell_x, cell_y = _LEFT + column * _CELL, _TOP + row * _ROW + _ROW / 2
        x = _LEFT + grid_width + 14
        y = max(y, int(cell_y))
        parts.append(
            f'<path d="M{cell_x} {cell_y}L{x - 4} {y}" stroke="{FINDING_COLOUR}" stroke-width="0.8" fill="none"/>'
        )
        for index, line in enumerate(mark.lines):
            weight = ' font-weight="bold"' if index == 0 else ""
            parts.append(f'<text x="{x}" y="{y + 4 + index * _LINE}" fill="#8c0d10"{weight}>{escape(line)}</text>')
        y += _LINE * (len(mark.lines) + 1)
    return parts


def _mark_cells(mark: Mark) -> list[str]:
    parts = []
    for row in range(mark.first_cell // CELLS_PER_ROW, mark.last_cell // CELLS_PER_ROW + 1):
        first = max(mark.first_cell, row * CELLS_PER_ROW)
        last = min(mark.last_cell, (row + 1) * CELLS_PER_ROW - 1)
        x = _LEFT + first % CELLS_PER_ROW * _CELL
        parts.append(
            f'<rect x="{x - 1}" y="{_TOP + row * _ROW - 1}" width="{(last - first + 1) * _CELL + 2}" '
            f' height="{_ROW + 2}" fill="{FINDING_COLOUR}" stroke="#000" stroke-width="1"/>'
        )
    return parts


def _legend(y: int) -> list[str]:
    parts = []
    x = _LEFT
    for kind, colour in COLOURS.items():
        parts.append(
            f'<rect x="{x}" y="{y - 9}" width="11" height="11" fill="{colour}" stroke="#777" stroke-width="0.5"/>'
        )
        parts.append(f'<text x="{x + 15}" y="{y}" fill="#333">{escape(LABELS[kind])}</text>')
        x += 30 + 7 * len(LABELS[kind])
    parts.append(f'<rect x="{x}" y="{y - 9}" width="11" height="11" fill="{FINDING_COLOUR}" stroke="#000"/>')
    parts.append(f'<text x="{x + 15}" y="{y}" fill="#333">private key</text>')
    return parts
