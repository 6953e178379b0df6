"""Ways back: from a position in what a decoder read to the byte of the parent layer that stands there.

A dump may hold one run of 16 MB of digits in a million pieces: such a way keeps a mark every few kilobytes and reads
the text again from there, for few positions are ever asked for.
"""

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


class OffsetMap(Protocol):
    """Where encoded characters stand in the parent; positions count from 0, without what separates them."""

    def offset(self, position: int) -> int:
        """Return the offset in the parent of the character at a position."""

    def hull(self, first: int, last: int) -> tuple[int, int]:
        """Return the stretch [begin, end) of the parent that holds all characters from `first` to `last`."""


@dataclass(frozen=True, slots=True)
class Straight:
    """Characters that stand one behind the other from `begin` on."""

    begin: int

    def offset(self, position: int) -> int:
        """Return the offset of a character."""
        return self.begin + position

    def hull(self, first: int, last: int) -> tuple[int, int]:
        """Return the stretch of the dump that a stretch of the decoded bytes came from."""
        return self.begin + first, self.begin + last + 1


@dataclass(frozen=True, slots=True)
class Reversed:
    """Characters that stand one before the other, the first of them right before `end`."""

    end: int

    def offset(self, position: int) -> int:
        """Return the offset of a character."""
        return self.end - 1 - position

    def hull(self, first: int, last: int) -> tuple[int, int]:
        """Return the stretch of the dump that a stretch of the decoded bytes came from."""
        return self.end - 1 - last, self.end - first


@dataclass(frozen=True, slots=True)
class Every:
    """Characters that stand a stride apart, from `begin` on."""

    begin: int
    stride: int

    def offset(self, position: int) -> int:
        """Return the offset of a character."""
        return self.begin + self.stride * position

    def hull(self, first: int, last: int) -> tuple[int, int]:
        """Return the stretch, with the fillers between."""
        return self.offset(first), self.offset(last) + 1


@dataclass(frozen=True, slots=True)
class Whole:
    """A compressed stream at [begin, end): its bytes have no place of their own."""

    begin: int
    end: int

    def offset(self, _position: int) -> int:
        """Return where the stream begins."""
        return self.begin

    def hull(self, _first: int, _last: int) -> tuple[int, int]:
        """Return the whole stream."""
        return self.begin, self.end


@dataclass(frozen=True, slots=True)
class Scattered:
    """Pieces that may be in any order; `starts[i]` is the position of what begins at `origins[i]` of the parent."""

    starts: Sequence[int]
    origins: Sequence[int]

    @classmethod
    def of(cls, pieces: Sequence[tuple[int, int]]) -> "Scattered":
        """Return the way back from (offset, size) in order."""
        starts, origins = array("I"), array("I")
        length = 0
        for offset, size in pieces:
            starts.append(length)
            origins.append(offset)
            length += size
        return cls(starts, origins)

    def offset(self, position: int) -> int:
        """Return the offset of a byte."""
        piece = bisect_right(self.starts, position) - 1
        return self.origins[piece] + position - self.starts[piece]

    def hull(self, first: int, last: int) -> tuple[int, int]:
        """Return the stretch that holds all pieces from `first` to `last`."""
        low, high = self.offset(first), self.offset(last) + 1
        first_piece, last_piece = (bisect_right(self.starts, position) - 1 for position in (first, last))
        for piece in range(first_piece, last_piece):
            low = min(low, self.origins[piece + 1])
            high = max(high, self.origins[piece] + self.starts[piece + 1] - self.starts[piece])
        return min(low, high - 1), high
