"""Intel HEX, S-records and uuencode are read, without addresses and checksums."""

import binascii

import pytest

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.texts.disguise import records
from kitbench.forensics.texts.records import record_layers

SECRET = bytes(range(100, 170))


@pytest.mark.parametrize("kind", ["S1{:04X}{}00", "S2{:06X}{}00", "S3{:08X}{}00"])
def test_data_of_s_records_is_joined(kind: str) -> None:
    rows = [SECRET[at : at + 16] for at in range(0, len(SECRET), 16)]
    lines = [kind.format(index * 16, row.hex()) for index, row in enumerate(rows)]
    text = "\n".join(line[:2] + f"{len(line) // 2:02X}" + line[2:] for line in lines).encode()

    (layer,) = record_layers(Layer(text))

    assert bytes.fromhex(layer.data.decode()) == SECRET


def test_data_of_intel_hex_is_joined() -> None:
    image = b"\0" + records(SECRET) + b":00000001FF\r\n\0"

    (layer,) = record_layers(Layer(image))

    assert bytes.fromhex(layer.data.decode()) == SECRET
    assert layer.origin(0) == image.index(b":10") + 9


def test_uuencoded_lines_are_read() -> None:
    lines = b"".join(binascii.b2a_uu(SECRET[at : at + 45]) for at in range(0, len(SECRET), 45))

    assert any(layer.data == SECRET for layer in record_layers(Layer(b"begin 644 key\n" + lines + b"`\nend\n")))


def test_one_record_gives_no_layer() -> None:
    assert list(record_layers(Layer(records(SECRET[:16]) + b"and some more text behind it"))) == []
