"""Structure of a key that stands backwards or under rot13: found by what it must hold, undone around it."""

import heapq
import string
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Reversed, Straight

#: How far around a needle is turned: more than any PEM of RSA-4096.
_REACH: Final = 3400
_ALPHABETS: Final = (string.ascii_lowercase.encode(), string.ascii_uppercase.encode())
_ROT13: Final = bytes.maketrans(b"".join(_ALPHABETS), b"".join(letters[13:] + letters[:13] for letters in _ALPHABETS))


@dataclass(frozen=True, slots=True)
class _Turn:
    form: str
    turned: Callable[[bytes], bytes]


_TURNS: Final = (
    _Turn("rot13", lambda data: data.translate(_ROT13)),
    _Turn("reversed", lambda data: data[::-1]),
)


def turned_layers(layer: Layer, needles: Sequence[bytes]) -> Iterator[Layer]:
    """Yield the surroundings of each needle that stands in the layer turned, turned back."""
    for turn in _TURNS:
        end = 0
        for at in heapq.merge(*(_places(layer.data, turn.turned(needle), needle) for needle in needles)):
            if at < end:
                continue
            begin, end = max(0, at - _REACH), min(len(layer.data), at + _REACH)
            way = Reversed(end) if turn.form == "reversed" else Straight(begin)
            yield Layer(turn.turned(layer.data[begin:end]), turn.form, layer, way)


def _places(data: bytes, turned: bytes, needle: bytes) -> Iterator[int]:
    """Yield where a turned needle stands; one that no turn changes is plain to see."""
    at = data.find(turned) if turned != needle else -1
    while at >= 0:
        yield at
        at = data.find(turned, at + 1)
