"""One number of many digits is read as its bytes."""

import pytest

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.big_numbers import big_number_layers
from kitbench.forensics.texts.disguise import base58

SECRET = bytes(range(60, 92))


@pytest.mark.parametrize(
    "text", [str(int.from_bytes(SECRET)).encode(), base58(SECRET).strip(b'"')], ids=["decimal", "base58"]
)
def test_number_is_read_at_its_place(text: bytes) -> None:
    image = b"\0\0d = " + text + b", and more of it\0"

    (layer,) = [layer for layer in big_number_layers(Layer(image)) if layer.data == SECRET]

    assert layer.extent(0, 32) == (image.index(text), image.index(text) + len(text))


def test_zeros_at_the_head_are_kept() -> None:
    number = str(int.from_bytes(SECRET[2:])).encode()

    assert [layer.data for layer in big_number_layers(Layer(number))] == [b"\0\0" + SECRET[2:]]


@pytest.mark.parametrize("text", [b"0" * 60, b"the longest words of a firmware are not so long", b"9" * 4000])
def test_other_text_gives_no_layer(text: bytes) -> None:
    assert list(big_number_layers(Layer(text))) == []
