"""Texts are read in blocks that overlap: what is short stands whole in one of them."""

import itertools

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.stretch import joined, text_spans


def test_text_is_what_is_printable() -> None:
    assert list(text_spans(b"\0" + b"a" * 40 + b"\x80" + b"b" * 31 + b"\0" + b"c" * 32)) == [(1, 41), (74, 106)]


def test_long_text_comes_in_blocks_that_overlap() -> None:
    spans = list(text_spans(b"x" * 500_000))

    assert spans[0][0] == 0
    assert spans[-1][1] == 500_000
    for before, behind in itertools.pairwise(spans):
        assert before[1] - behind[0] == 1 << 14


def test_pieces_know_their_places() -> None:
    layer = joined(Layer(b"..one....two"), [(2, 5), (9, 12)], "pieces")

    assert (layer.data, layer.origin(3), layer.extent(1, 5)) == (b"onetwo", 9, (3, 11))
