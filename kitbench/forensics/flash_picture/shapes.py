"""What a drawing is made of: rectangles, polygons, circles and lines of text, in pixels from the upper left."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float
    fill: str
    stroke: str = ""


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed, filled line."""

    points: tuple[tuple[float, float], ...]
    fill: str


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle's line."""

    x: float
    y: float
    radius: float
    stroke: str
    width: float


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text; `y` is its base line, `is_right` says that it ends at `x`."""

    x: float
    y: float
    text: str
    size: int
    fill: str
    is_bold: bool = False
    is_right: bool = False


Shape = Box | Polygon | Ring | Text


@dataclass(frozen=True, slots=True)
class Drawing:
    """Shapes in the order of drawing, and the size of the sheet."""

    width: float
    height: float
    shapes: tuple[Shape, ...]
