"""A stretch of bytes decoded from the dump, which knows where each of its bytes came from."""

from dataclasses import dataclass

from kitbench.forensics.decoding.offset_map import OffsetMap, Straight


@dataclass(frozen=True, slots=True)
class Layer:
    """Decoded bytes and their way back to the flash dump.

    Attributes:
        data: the decoded bytes.
        form: what was undone, such as ``"base64"``; ``"raw"`` for the dump itself.
        parent: the layer it was decoded from; None for the dump.
        way: where the encoded characters stand in the parent.
        units: encoded characters and the decoded bytes they give: (4, 3) for base64.
        phase: encoded characters at the beginning that were left out; positions of `way` count them.
    """

    data: bytes
    form: str = "raw"
    parent: "Layer | None" = None
    way: OffsetMap = Straight(0)  # noqa: RUF009 - frozen
    units: tuple[int, int] = (1, 1)
    phase: int = 0

    @property
    def forms(self) -> tuple[str, ...]:
        """What was undone, outermost first; empty for the dump."""
        return () if self.parent is None else (*self.parent.forms, self.form)

    @property
    def depth(self) -> int:
        """How many decoders led here."""
        return 0 if self.parent is None else self.parent.depth + 1

    def _position(self, offset: int) -> int:
        """Return the position in the encoded text, without what separates its pieces."""
        return self.phase + offset * self.units[0] // self.units[1]

    def origin(self, offset: int) -> int:
        """Return where in the flash dump the code of the byte at `offset` begins."""
        layer = self
        while layer.parent is not None:
            offset = layer.way.offset(layer._position(offset))
            layer = layer.parent
        return offset

    def extent(self, begin: int, end: int) -> tuple[int, int]:
        """Return the hull, in the flash dump, of the stretch [begin, end) of this layer."""
        layer = self
        while layer.parent is not None:
            begin, end = layer.way.hull(layer._position(begin), layer._position(max(begin, end - 1)))
            layer = layer.parent
        return begin, end

    def __repr__(self) -> str:
        return f"Layer({'/'.join(self.forms) or 'raw'}, {len(self.data)} bytes)"
