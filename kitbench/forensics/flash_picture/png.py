"""A drawing as PNG, twice as fine as its pixels, so that it prints well."""

import io
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from kitbench.forensics.flash_picture.drawing import draw
from kitbench.forensics.flash_picture.flash_map import FlashMap
from kitbench.forensics.flash_picture.shapes import Box, Polygon, Ring, Shape, Text

_FINENESS: Final = 2


def to_png(*maps: FlashMap) -> bytes:
    """Return the picture of one flash, or of several side by side."""
    drawing = draw(maps)
    size = (round(drawing.width * _FINENESS), round(drawing.height * _FINENESS))
    picture = Image.new("RGB", size, "#ffffff")
    canvas = ImageDraw.Draw(picture)
    for shape in drawing.shapes:
        _draw(canvas, shape)
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _draw(canvas: ImageDraw.ImageDraw, shape: Shape) -> None:
    f = _FINENESS
    match shape:
        case Box():
            # Pillow's rectangles include their last pixel.
            right = max(shape.x, shape.x + shape.width - 1 / f) * f
            bottom = max(shape.y, shape.y + shape.height - 1 / f) * f
            canvas.rectangle(
                (shape.x * f, shape.y * f, right, bottom), fill=shape.fill, outline=shape.stroke or None, width=f
            )
        case Polygon():
            canvas.polygon([(x * f, y * f) for x, y in shape.points], fill=shape.fill)
        case Ring():
            outer = shape.radius + shape.width / 2
            edges = [(shape.x - outer) * f, (shape.y - outer) * f, (shape.x + outer) * f, (shape.y + outer) * f]
            canvas.ellipse(edges, outline=shape.stroke, width=round(shape.width * f))
        case Text():
            font = ImageFont.load_default(shape.size * f)
            anchor = "rs" if shape.is_right else "ls"
            weight = 1 if shape.is_bold else 0
            canvas.text((shape.x * f, shape.y * f), shape.text, shape.fill, font, anchor, stroke_width=weight)
