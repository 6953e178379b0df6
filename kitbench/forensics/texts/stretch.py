"""Stretches of printable text in a layer, in blocks that overlap: what a decoder of texts reads at once."""

import functools
import re
from collections.abc import Iterable, Iterator
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Scattered

Span = tuple[int, int]

#: Long enough for a raw P-256 key in the densest of codes; ESC begins the colours of a terminal.
_TEXT: Final = re.compile(rb"[\t\r\n\x1b\x20-\x7e]{32,}+")
_BLOCK: Final = 1 << 17
#: More than a key of RSA-4096 in the most long-winded of codes, decimal character references: 6 signs to a byte.
_OVERLAP: Final = 1 << 14


@functools.lru_cache(maxsize=1)
def text_spans(data: bytes) -> tuple[Span, ...]:
    """Return begin and end of each block of text; a key that stands across the border of two is whole in one of them.

    The decoders ask for those of one layer one after the other.
    """
    return tuple(_spans(data))


def _spans(data: bytes) -> Iterator[Span]:
    for match in _TEXT.finditer(data):
        begin, end = match.span()
        while end - begin > _BLOCK:
            yield begin, begin + _BLOCK
            begin += _BLOCK - _OVERLAP
        yield begin, end


def joined(layer: Layer, spans: Iterable[Span], form: str) -> Layer:
    """Return the pieces of a layer at the spans, one behind the other, as a layer of their own."""
    pieces = [(begin, end - begin) for begin, end in spans]
    data = b"".join(layer.data[begin : begin + size] for begin, size in pieces)
    return Layer(data, form, layer, Scattered.of(pieces))
