"""Base32, base85 and hexdumps are decoded, and each byte knows where it came from."""

import base64
import random

import pytest

from kitbench.forensics.canaries.disguise import hexdump
from kitbench.forensics.decoding.dense_text import dense_layers
from kitbench.forensics.decoding.layer import Layer

SECRET = random.Random(11).randbytes(100)
TEXTS = {
    "base32": base64.b32encode(SECRET),
    "base85 of RFC 1924": base64.b85encode(SECRET),
    "Ascii85": base64.a85encode(SECRET),
}


@pytest.mark.parametrize("before", [b"", b"Q", b"text: "], ids=["nothing", "a digit", "words"])
@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_is_decoded_at_its_place(text: bytes, before: bytes) -> None:
    image = b"\xff\x00" + before + text + b"\x00\xff"

    found = [layer for layer in dense_layers(Layer(image)) if SECRET[4:92] in layer.data]

    (layer,) = found
    at = layer.data.index(SECRET[4:92])
    begin, end = layer.extent(at, at + 88)
    assert abs(begin - image.index(text) - len(text) * 4 // 100) <= 2
    assert abs(end - image.index(text) - len(text) * 92 // 100) <= 2


def test_text_over_lines_is_read_as_one() -> None:
    text = base64.b32encode(SECRET)
    lines = b"\n".join(text[at : at + 64] for at in range(0, len(text), 64))

    assert any(SECRET in layer.data for layer in dense_layers(Layer(b"\0" + lines + b"\0")))


def test_backslash_is_a_digit_of_ascii85() -> None:
    body = base64.a85decode(b"\\n!bc\\r$ef" * 12)

    assert any(body in layer.data for layer in dense_layers(Layer(b"\0" + base64.a85encode(body) + b"\0")))


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_columns_of_a_hexdump_are_joined(line_end: bytes) -> None:
    image = b"\x80" + hexdump(SECRET).replace(b"\n", line_end) + b"\x80"

    (layer,) = [layer for layer in dense_layers(Layer(image)) if layer.form == "hexdump"]

    assert bytes.fromhex(layer.data.decode()) == SECRET
    assert image[layer.origin(0) : layer.origin(0) + 4] == SECRET[:2].hex().encode()


def test_canonical_hexdump_is_read_too() -> None:
    rows = (SECRET[at : at + 16] for at in range(0, len(SECRET), 16))
    text = b"".join(
        b"%08x  %s  %s  |................|\n" % (16 * index, row[:8].hex(" ").encode(), row[8:].hex(" ").encode())
        for index, row in enumerate(rows)
    )

    (layer,) = [layer for layer in dense_layers(Layer(text)) if layer.form == "hexdump"]

    assert bytes.fromhex(layer.data.decode()) == SECRET


@pytest.mark.parametrize(
    "text", [b"A" * 39, b"plain words of a log line, as firmware prints many " * 4, bytes(range(128, 256))]
)
def test_what_is_no_such_text_gives_no_layer(text: bytes) -> None:
    assert list(dense_layers(Layer(text))) == []


@pytest.mark.parametrize("neighbour", [b"0189" * 8, b"deadbeef0189", b"wxyz0189wxyz"])
def test_line_is_read_beside_a_line_that_is_no_base32(neighbour: bytes) -> None:
    text = base64.b32encode(SECRET[:32]).rstrip(b"=").lower()

    assert any(SECRET[:32] in layer.data for layer in dense_layers(Layer(b"\0" + text + b"\n" + neighbour + b"\0")))


@pytest.mark.parametrize("beside", [b"0x%08x", b"1890", b"0l1o", b"wifi 0x08"])
@pytest.mark.parametrize("is_small", [False, True])
def test_base32_is_read_beside_digits_of_another_alphabet(beside: bytes, *, is_small: bool) -> None:
    secret = random.Random(beside).randbytes(32)
    text = base64.b32encode(secret).rstrip(b"=")
    text = text.lower() if is_small else text

    layers = [layer.data for layer in dense_layers(Layer(b"mqtt " + beside + text + beside + b" failed" * 8))]

    assert any(secret in data for data in layers)
