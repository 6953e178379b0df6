"""Literals one behind the other are one text; far apart they are two."""

import pytest

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.literals import literal_layers

HALVES = (b'abcdefgh\\x30\\"ijkl', b"mnopqrstuvwxyz012345")


@pytest.mark.parametrize("between", [b'"\n    "', b'" +\n  "', b'", b"', b'" /* two */ "'])
def test_neighbours_are_joined(between: bytes) -> None:
    image = b'x = "' + between.join(HALVES) + b'";'

    (layer,) = literal_layers(Layer(image))

    assert layer.data == b"".join(HALVES)
    assert layer.origin(len(HALVES[0])) == image.index(HALVES[1])


def test_literals_far_apart_are_two() -> None:
    assert list(literal_layers(Layer((b'"' + b" " * 90 + b'"').join(HALVES)))) == []


def test_rows_in_quotes_of_either_kind_are_joined() -> None:
    text = b"b'0123456789abcdef'\nb\"it's 0123456789\"\nb'ghijklmnop'\n"

    joined_texts = [layer.data for layer in literal_layers(Layer(text, "dump", None))]

    assert b"0123456789abcdefit's 0123456789ghijklmnop" in joined_texts
