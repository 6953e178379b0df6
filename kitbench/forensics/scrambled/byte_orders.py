"""Orders in which the 32 bytes of a number may stand, other than forwards and backwards; each with its way back."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SIZE: Final = 32
Numbers = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ByteOrder:
    """An order: `places[i]` is where in it the byte of weight 256^i stands."""

    name: str
    places: tuple[int, ...]

    def restored(self, windows: Numbers) -> Numbers:
        """Return rows of 32 bytes, little-endian, of rows in this order."""
        return windows[:, list(self.places)]

    def scrambled(self, number: int) -> bytes:
        """Return a number in this order."""
        result = bytearray(_SIZE)
        for place, byte in zip(self.places, number.to_bytes(_SIZE, "little"), strict=True):
            result[place] = byte
        return bytes(result)


def _turned_words(size: int) -> list[int]:
    """Return for each place of the bytes, highest first, where it is when those of each word are turned."""
    return [place // size * size + size - 1 - place % size for place in range(_SIZE)]


def _both_ways(name: str, places: list[int]) -> tuple[ByteOrder, ByteOrder]:
    """Return an order of the bytes as they stand highest first, and the same read from its end."""
    ends = (tuple(reversed(places)), tuple(reversed([_SIZE - 1 - place for place in places])))
    return ByteOrder(f"{name}_forwards", ends[0]), ByteOrder(f"{name}_backwards", ends[1])


_EVEN_THEN_ODD: Final = [place // 2 + place % 2 * _SIZE // 2 for place in range(_SIZE)]
_HALVES_IN_TURN: Final = [2 * (place % 16) + place // 16 for place in range(_SIZE)]
#: Forwards, the bytes within each word are turned; backwards, the words are. The words of 128 bits are the halves.
ORDERS: Final[tuple[ByteOrder, ...]] = (
    *(order for size in (2, 4, 8, 16) for order in _both_ways(f"words_of_{8 * size}", _turned_words(size))),
    *_both_ways("even_then_odd", _EVEN_THEN_ODD),
    *_both_ways("halves_in_turn", _HALVES_IN_TURN),
)
