"""Joins the string literals that a source puts one behind the other, whatever the language puts between them."""

import re
from collections.abc import Iterator
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.stretch import Span, joined, text_spans

_IN_DOUBLE: Final = rb'"(?P<double>(?:[^"\\\r\n]|\\.){2,2000}+)"'
_IN_SINGLE: Final = rb"'(?P<single>(?:[^'\\\r\n]|\\.){2,2000}+)'"
#: In quotes of one kind, or, as Python's repr chooses them, of either; what begins with a backslash is an escape.
_LITERALS: Final = tuple(re.compile(one) for one in (_IN_DOUBLE, _IN_SINGLE, _IN_DOUBLE + b"|" + _IN_SINGLE))
#: Two literals with more between them are two texts.
_FARTHEST: Final = 80
#: A raw P-256 key.
_FEWEST: Final = 32


def literal_layers(layer: Layer) -> Iterator[Layer]:
    """Yield what stands in each row of literals; escapes are left as they are."""
    for span in text_spans(layer.data):
        for pattern in _LITERALS:
            row: list[re.Match[bytes]] = []
            for match in pattern.finditer(layer.data, *span):
                if row and match.start() - row[-1].end() > _FARTHEST:
                    yield from _row(layer, row)
                    row = []
                row.append(match)
            yield from _row(layer, row)


def _row(layer: Layer, row: list[re.Match[bytes]]) -> Iterator[Layer]:
    spans: list[Span] = [match.span(match.lastgroup or 0) for match in row]
    # With quotes of either kind allowed, rows of one kind have been seen already.
    is_new = not row or row[0].re is not _LITERALS[-1] or len({match.lastgroup for match in row}) > 1
    if is_new and len(spans) > 1 and sum(end - begin for begin, end in spans) >= _FEWEST:
        yield joined(layer, spans, "literals")
