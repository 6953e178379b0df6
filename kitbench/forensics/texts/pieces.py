"""Joins what a listing parts: the digits of each line, without its number, its quotes, its indentation or its comment.

The pieces stand in the order of the text; whatever else is between them, short of a paragraph, is passed over.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.stretch import Span, joined, text_spans

#: A raw P-256 key has 43 digits of base64 and 64 of hex.
_FEWEST_BASE64: Final = 43
_FEWEST_HEX: Final = 64


@dataclass(frozen=True, slots=True)
class _Digits:
    """How pieces of a code look: `whole` is one that no word looks like, `tail` what the last of them may be."""

    form: str
    whole: re.Pattern[bytes]
    tail: re.Pattern[bytes]
    fewest: int
    farthest: int = 160


_BASE64: Final = _Digits(
    "pieces",
    re.compile(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{20,}+={0,2}"),
    re.compile(rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{2,19}+={0,2}(?![A-Za-z0-9+/])"),
    _FEWEST_BASE64,
)
_HEX: Final = _Digits(
    "pieces",
    re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?:[:, .-]?[0-9A-Fa-f]{2}){3,}+(?![0-9A-Za-z])"),
    re.compile(rb"(?<![0-9A-Za-z])[0-9A-Fa-f]{2}(?:[:, .-]?[0-9A-Fa-f]{2}){0,2}(?![0-9A-Za-z])"),
    _FEWEST_HEX,
)
#: Groups of one width, as people part long codes: four digits and more, with a blank or a dash between.
_GROUPS: Final = tuple(
    re.compile(rb"(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{%d}[ \t\r\n-]{1,24}){%d,}+[A-Za-z0-9+/=]{1,%d}" % (
        width, -(-32 // width) - 1, width))
    for width in (4, 5, 6, 8, 10, 12, 16)
)  # fmt: skip
_GROUP: Final = re.compile(rb"[A-Za-z0-9+/=]+")


def piece_layers(layer: Layer) -> Iterator[Layer]:
    """Yield the digits of each text that are parted by more than blanks, as one run."""
    for span in text_spans(layer.data):
        for digits in (_BASE64, _HEX):
            yield from _runs(layer, span, digits)
        for groups in _GROUPS:
            for match in groups.finditer(layer.data, *span):
                yield joined(layer, (piece.span() for piece in _GROUP.finditer(layer.data, *match.span())), "pieces")


def _runs(layer: Layer, span: Span, digits: _Digits) -> Iterator[Layer]:
    run: list[Span] = []
    for match in digits.whole.finditer(layer.data, *span):
        if run and match.start() - run[-1][1] > digits.farthest:
            yield from _run(layer, run, digits, span[1])
            run = []
        run.append(match.span())
    yield from _run(layer, run, digits, span[1])


def _run(layer: Layer, run: Sequence[Span], digits: _Digits, end: int) -> Iterator[Layer]:
    """Yield the pieces as one, with and without the short one behind them, if they are enough for a key."""
    if not run:
        return
    if all(layer.data[begin : begin + 1] == b"+" for begin, _ in run):
        run = [(begin + 1, stop) for begin, stop in run]  # lines that a diff adds
    tail = digits.tail.search(layer.data, run[-1][1], min(end, run[-1][1] + digits.farthest))
    pieces = [*run, tail.span()] if tail else run
    if len(pieces) > 1 and sum(stop - start for start, stop in pieces) >= digits.fewest:
        yield joined(layer, pieces, digits.form)
