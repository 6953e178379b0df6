"""A stretch of bytes decoded from the dump, which knows where each of its bytes came from."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layer:
    """Decoded bytes and their way back to the flash dump.

    Attributes:
        data: the decoded bytes.
        form: what was undone, such as ``"base64"``; ``"raw"`` for the dump itself.
        parent: the layer it was decoded from; None for the dump.
        units: encoded characters and the decoded bytes they give: (4, 3) for base64; (0, 1) where bytes have no place
            of their own, as in a compressed stream.
        starts: positions in the encoded text, without what separates its pieces …
        origins: … and where in the parent each of these pieces begins.
        end: end of the encoded text in the parent.
        phase: encoded characters at the beginning that were left out; `starts` counts them.
    """

    data: bytes
    form: str = "raw"
    parent: "Layer | None" = None
    units: tuple[int, int] = (1, 1)
    starts: Sequence[int] = (0,)
    origins: Sequence[int] = (0,)
    end: int = 0
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

    def parent_offset(self, offset: int) -> int:
        """Return where the code of the byte at `offset` begins in the parent."""
        position = self._position(offset)
        piece = bisect_right(self.starts, position) - 1
        return self.origins[piece] + position - self.starts[piece]

    def origin(self, offset: int) -> int:
        """Return where in the flash dump the code of the byte at `offset` begins."""
        layer = self
        while layer.parent is not None:
            offset = layer.parent_offset(offset) if layer.units[0] else layer.origins[0]
            layer = layer.parent
        return offset

    def extent(self, begin: int, end: int) -> tuple[int, int]:
        """Return the hull, in the flash dump, of the stretch [begin, end) of this layer."""
        layer = self
        while layer.parent is not None:
            begin, end = layer._parent_extent(begin, max(begin, end - 1))
            layer = layer.parent
        return begin, end

    def _parent_extent(self, begin: int, last: int) -> tuple[int, int]:
        """Return the hull of the bytes from `begin` to `last` in the parent; pieces may lie there in any order."""
        if not self.units[0]:
            return self.origins[0], self.end
        first_piece = bisect_right(self.starts, self._position(begin)) - 1
        last_piece = bisect_right(self.starts, self._position(last)) - 1
        low, high = self.parent_offset(begin), self.parent_offset(last) + 1
        for piece in range(first_piece, last_piece + 1):
            size = self.starts[piece + 1] - self.starts[piece] if piece < last_piece else 0
            low = min(low, self.origins[piece]) if piece > first_piece else low
            high = max(high, self.origins[piece] + size)
        return min(low, high - 1), high

    def __repr__(self) -> str:
        return f"Layer({'/'.join(self.forms) or 'raw'}, {len(self.data)} bytes)"
