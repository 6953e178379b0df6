"""A drawing as an SVG element, by itself or within a page."""

from collections.abc import Sequence

from kitbench.forensics.flash_picture.drawing import describe, draw
from kitbench.forensics.flash_picture.flash_map import FlashMap
from kitbench.forensics.flash_picture.shapes import Box, Drawing, Polygon, Ring, Shape, Text
from kitbench.quoting import html

_FONT = 'font-family="DejaVu Sans, Verdana, system-ui, sans-serif"'


def to_svg(*maps: FlashMap) -> str:
    """Return the picture of one flash, or of several side by side."""
    drawing = draw(maps)
    return "\n".join([*_opening(drawing, maps), *(_element(shape) for shape in drawing.shapes), "</svg>"])


def _opening(drawing: Drawing, maps: Sequence[FlashMap]) -> list[str]:
    words = "; ".join(describe(one) for one in maps)
    size = f'width="{drawing.width:g}" height="{drawing.height:g}"'
    box = f'viewBox="0 0 {drawing.width:g} {drawing.height:g}"'
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} {size} role="img" {_FONT}>',
        f"<title>{html.line(words)}</title>",
        f'<rect {size} fill="#ffffff"/>',
    ]


def _element(shape: Shape) -> str:
    match shape:
        case Box():
            stroke = f' stroke="{shape.stroke}"' if shape.stroke else ""
            place = f'x="{shape.x:g}" y="{shape.y:g}" width="{shape.width:g}" height="{shape.height:g}"'
            return f'<rect {place} fill="{shape.fill}"{stroke}/>'
        case Polygon():
            points = " ".join(f"{x:g},{y:g}" for x, y in shape.points)
            return f'<polygon points="{points}" fill="{shape.fill}"/>'
        case Ring():
            circle = f'cx="{shape.x:g}" cy="{shape.y:g}" r="{shape.radius:g}"'
            return f'<circle {circle} fill="none" stroke="{shape.stroke}" stroke-width="{shape.width:g}"/>'
        case Text():
            style = ' font-weight="bold"' if shape.is_bold else ""
            anchor = ' text-anchor="end"' if shape.is_right else ""
            place = f'x="{shape.x:g}" y="{shape.y:g}" font-size="{shape.size}"'
            return f'<text {place} fill="{shape.fill}"{style}{anchor}>{html.line(shape.text)}</text>'
