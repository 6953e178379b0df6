"""Bytes with fillers between them are found, at every place, and tables of small numbers are not."""

import random
import struct

import pytest

from kitbench.forensics.canaries.disguise import interleaved
from kitbench.forensics.decoding.interleaved import interleaved_layers
from kitbench.forensics.decoding.layer import Layer

SECRET = random.Random(12).randbytes(32)


@pytest.mark.parametrize("background", [b"\xff", b"\0", b"noise"])
@pytest.mark.parametrize("filler", [b"\xff", b"\0", b"\x5a", bytes(3), b"\xff\xff\xff"], ids=bytes.hex)
@pytest.mark.parametrize("offset", [0, 1, 202, 5003])
def test_bytes_are_found_without_their_fillers(background: bytes, filler: bytes, offset: int) -> None:
    image = bytearray(random.Random(3).randbytes(6000) if background == b"noise" else background * 6000)
    body = interleaved(SECRET, filler)
    image[offset : offset + len(body)] = body

    found = [layer for layer in interleaved_layers(Layer(bytes(image))) if SECRET in layer.data]

    assert found
    at = found[0].data.index(SECRET)
    assert found[0].extent(at, at + 32) == (offset, offset + len(body) - len(filler))


@pytest.mark.parametrize("byte", [b"\xff", b"\0"], ids=bytes.hex)
@pytest.mark.parametrize("stride", [2, 4])
@pytest.mark.parametrize("same", [1, 3])
def test_a_key_may_begin_and_end_with_the_byte_of_the_run_around_it(byte: bytes, stride: int, same: int) -> None:
    secret = byte * same + SECRET[same:-same] + byte * same
    image = byte * 4096 + interleaved(secret, byte * (stride - 1)) + byte * 4096

    assert any(secret in layer.data for layer in interleaved_layers(Layer(image)))


def test_fillers_may_stand_first() -> None:
    image = b"\x01" + b"".join(struct.pack(">H", byte) for byte in SECRET) + b"\x02"

    assert any(SECRET in layer.data for layer in interleaved_layers(Layer(image)))


@pytest.mark.parametrize(
    "image",
    [b"\xff" * 5000, struct.pack("<500I", *([1, 2, 3, 4] * 125)), random.Random(4).randbytes(20_000)],
    ids=["erased", "small numbers", "noise"],
)
def test_what_cannot_hold_a_key_gives_no_layer(image: bytes) -> None:
    assert list(interleaved_layers(Layer(image))) == []
