"""Lists of numbers in source code and data: of any base and width, with casts, suffixes, comments and keys between.

Numbers of several bytes are read in both byte orders. `decoders.c_array_layers` reads the plainest in any layer.
"""

import re
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Scattered
from kitbench.forensics.texts.stretch import Span, text_spans

#: A raw P-256 key.
_FEWEST_BYTES: Final = 32
_WIDTHS: Final = (1, 2, 4, 8)
_ORDERS: Final[tuple[Literal["little", "big"], ...]] = ("little", "big")

#: Of C, and the types of Rust.
_SUFFIX: Final = rb"(?:[uUlL]{0,3}|_?[ui](?:8|16|32|64))"
#: With a mark of their base: 0x30, 30h, 0b110000, and the characters of C.
_MARKED: Final = re.compile(
    rb"(?<![0-9A-Za-z])(?:0[xX](?P<hex>[0-9A-Fa-f]{1,16})|(?P<h>[0-9][0-9A-Fa-f]{0,16}|[A-Fa-f][0-9A-Fa-f]{1,15})[hH]"
    rb"|0[bB](?P<bits>[01]{1,64}))" + _SUFFIX + rb"(?![0-9A-Za-z])|'(?:(?P<char>[^\\'])|\\(?P<escape>[0abtnvfr\\'\"]))'"
)
_ESCAPES: Final = dict(zip(b"0abtnvfr\\'\"", b"\0\a\b\t\n\v\f\r\\'\"", strict=True))
#: Without: decimal or octal; what is a key, as in JSON, or a part of a word or a fraction is none.
_BARE: Final = re.compile(
    rb"(?<![0-9A-Za-z_.\"'])-?(?P<digits>[0-9]{1,20})" + _SUFFIX + rb"(?![0-9A-Za-z_.\"']|\s{0,4}:)"
)
_OCTAL: Final = re.compile(rb"0[0-7]{0,3}|[0-7]{3}")


@dataclass(frozen=True, slots=True)
class _Number:
    value: int
    width: int
    begin: int


#: Returns the number of a match; None for what is none.
_Reader = Callable[[re.Match[bytes]], _Number | None]


def number_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each list of numbers as its bytes."""
    for span in text_spans(layer.data):
        yield from _lists(layer, span, _MARKED, 80, _marked)
        yield from _lists(layer, span, _BARE, 24, _decimal)
        yield from _lists(layer, span, _BARE, 24, _octal)


def _lists(
    layer: Layer,
    span: Span,
    pattern: re.Pattern[bytes],
    farthest: int,
    number: _Reader,
) -> Iterator[Layer]:
    """Yield the numbers that stand no farther apart than so many signs."""
    run: list[_Number] = []
    end = 0
    for match in pattern.finditer(layer.data, *span):
        one = number(match)
        if run and (one is None or match.start() - end > farthest):
            yield from _as_bytes(layer, run)
            run = []
        if one is not None:
            run.append(one)
        end = match.end()
    yield from _as_bytes(layer, run)


def _as_bytes(layer: Layer, run: Sequence[_Number]) -> Iterator[Layer]:
    if not run:
        return
    widest = max(number.width for number in run)
    width = next((width for width in _WIDTHS if width >= widest), None)
    if width is None or len(run) * width < _FEWEST_BYTES:
        return
    way = Scattered(range(len(run)), array("I", (number.begin for number in run)))
    for order in _ORDERS if width > 1 else _ORDERS[:1]:
        data = b"".join((number.value % 256**width).to_bytes(width, order) for number in run)
        yield Layer(data, "numbers", layer, way, (1, width))


def _marked(match: re.Match[bytes]) -> _Number:
    if digits := match["hex"] or match["h"]:
        return _Number(int(digits, 16), (len(digits.lstrip(b"0")) + 1) // 2 or 1, match.start())
    if digits := match["bits"]:
        return _Number(int(digits, 2), (len(digits.lstrip(b"0")) + 7) // 8 or 1, match.start())
    value = match["char"][0] if match["char"] else _ESCAPES[match["escape"][0]]
    return _Number(value, 1, match.start())


def _decimal(match: re.Match[bytes]) -> _Number:
    value = int(match["digits"])
    return _Number(-value if match[0][:1] == b"-" else value, (value.bit_length() + 7) // 8 or 1, match.start())


def _octal(match: re.Match[bytes]) -> _Number | None:
    return _Number(int(match["digits"], 8) & 0xFF, 1, match.start()) if _OCTAL.fullmatch(match["digits"]) else None
