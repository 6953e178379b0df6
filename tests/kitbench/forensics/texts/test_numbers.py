"""Numbers of every base and width become bytes, whatever stands between them."""

import time

import pytest

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.numbers import number_layers

SECRET = bytes(range(40, 120))


def numbers(form: str, width: int = 1, *, gap: str = ", ", order: str = "little") -> bytes:
    words = (SECRET[at : at + width] for at in range(0, len(SECRET), width))
    return gap.join(form.format(int.from_bytes(word, order)) for word in words).encode()  # type: ignore[arg-type]


LISTS = {
    "casts": numbers("(uint8_t)0x{:02x}"),
    "suffixes": numbers("{:d}u"),
    "types of Rust": numbers("0x{:02x}u8"),
    "types of Rust, decimal": numbers("{:d}_u16", 2),
    "octal of C": numbers("0{:o}"),
    "binary": numbers("0b{:08b}"),
    "assembler": numbers("{:03X}h"),
    "16 bits": numbers("0x{:04x}", 2),
    "32 bits, big-endian": numbers("0x{:08X}UL", 4, order="big"),
    "32 bits, decimal": numbers("{:d}", 4),
    "64 bits": numbers("0x{:016x}ULL", 8),
    "a comment to each": numbers("0x{:02x}", gap=", // a byte\n"),
    "characters of C": numbers("'{:c}'").replace(b"'\\'", b"'\\\\'"),
    "an object of JSON": ("{" + ", ".join(f'"{index}": {byte}' for index, byte in enumerate(SECRET)) + "}").encode(),
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS)
def test_list_is_read_at_its_place(text: bytes) -> None:
    image = b"\0\0key[] = { " + text + b" };\0"

    found = [layer for layer in number_layers(Layer(image)) if SECRET in layer.data]

    assert found
    begin, end = found[0].extent(found[0].data.index(SECRET), len(found[0].data))
    assert 0 <= begin - image.index(text) <= 16
    assert end <= len(image)


@pytest.mark.parametrize("text", [b"version 5.1.4 of 2023, 2024 and 2025; 12 of 30", numbers("{:d}")[:60], b"x" * 100])
def test_few_numbers_give_no_layer(text: bytes) -> None:
    assert list(number_layers(Layer(text))) == []


def seconds(piece: bytes, size: int) -> float:
    """Return the least processor time of three readings."""
    layer = Layer((piece * size)[:size])
    taken = []
    for _ in range(3):
        began = time.process_time()
        list(number_layers(layer))
        taken.append(time.process_time() - began)
    return min(taken)


@pytest.mark.parametrize("piece", [b"1", b"1_", b"0x1_", b"0x1_u", b"1uu", b"1_i1", b"0b1_u8 ", b"9 \t ", b"1u8    "])
def test_time_grows_with_the_size_and_no_faster(piece: bytes) -> None:
    """Eight times the text may take four times its share: a square takes eight times."""
    assert seconds(piece, 256 << 10) < 8 * 4 * max(seconds(piece, 32 << 10), 2e-3)
