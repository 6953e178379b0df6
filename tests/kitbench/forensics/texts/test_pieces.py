"""Digits that a listing parts are joined, whatever stands beside them; words are none."""

import base64

import pytest

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.pieces import piece_layers

SECRET = bytes(range(60, 190))
LINES = [base64.b64encode(SECRET)[at : at + 64] for at in range(0, 176, 64)]
ROWS = [SECRET[at : at + 15].hex(":").encode() for at in range(0, 130, 15)]


@pytest.mark.parametrize("line", [b"%d: %s\n", b"I (%d) key: %s\r\n", b"%d | %s |", b"/* %d */ '%s' +\n"])
@pytest.mark.parametrize("digits", [LINES, ROWS], ids=["base64", "hex"])
def test_digits_of_each_line_are_joined(line: bytes, digits: list[bytes]) -> None:
    image = b"\0" + b"".join(line % (12345 + index, one) for index, one in enumerate(digits)) + b"\0"

    found = [layer for layer in piece_layers(Layer(image)) if b"".join(digits) in layer.data]

    assert found
    at = found[0].data.index(digits[0])
    assert found[0].origin(at) == image.index(digits[0])


def test_marks_of_a_diff_are_no_digits() -> None:
    added = b"".join(b"+%s\n" % line for line in LINES)

    assert any(layer.data == b"".join(LINES) for layer in piece_layers(Layer(added)))


@pytest.mark.parametrize("gap", [b" ", b"-", b"\n"])
@pytest.mark.parametrize("width", [4, 5, 8, 16])
def test_groups_of_one_width_are_joined(gap: bytes, width: int) -> None:
    text = base64.b64encode(SECRET[:32])
    groups = gap.join(text[at : at + width] for at in range(0, len(text), width))

    assert any(layer.data.startswith(text) for layer in piece_layers(Layer(groups)))


@pytest.mark.parametrize("text", [b"many short words that no one would take for digits of a key", LINES[0]])
def test_words_and_what_is_in_one_piece_give_no_layer(text: bytes) -> None:
    assert list(piece_layers(Layer(text))) == []
