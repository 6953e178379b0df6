"""Joins the string literals that a source puts one behind the other, whatever the language puts between them."""

import re
from collections.abc import Iterator
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.stretch import Span, joined, text_spans

#: In quotes of one kind; what begins with a backslash is an escape.
_LITERALS: Final = (
    re.compile(rb'"(?P<text>(?:[^"\\\r\n]|\\.){2,2000}+)"'),
    re.compile(rb"'(?P<text>(?:[^'\\\r\n]|\\.){2,2000}+)'"),
)
#: Two literals with more between them are two texts.
_FARTHEST: Final = 80
#: A raw P-256 key.
_FEWEST: Final = 32


def literal_layers(layer: Layer) -> Iterator[Layer]:
    """Yield what stands in each row of literals; escapes are left as they are."""
    for span in text_spans(layer.data):
        for pattern in _LITERALS:
            row: list[Span] = []
            for match in pattern.finditer(layer.data, *span):
                if row and match.start() - row[-1][1] > _FARTHEST:
                    yield from _row(layer, row)
                    row = []
                row.append(match.span("text"))
            yield from _row(layer, row)


def _row(layer: Layer, row: list[Span]) -> Iterator[Layer]:
    if len(row) > 1 and sum(end - begin for begin, end in row) >= _FEWEST:
        yield joined(layer, row, "literals")
