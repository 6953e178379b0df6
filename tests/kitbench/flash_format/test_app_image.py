"""The app image codec, judged by esptool's own reader."""

import struct
from pathlib import Path

import pytest
from esptool.bin_image import ESP32FirmwareImage, LoadFirmwareImage
from hypothesis import given
from hypothesis import strategies as st

from kitbench.flash_format import app_image
from kitbench.flash_format.app_image import AppDescription, AppImageError, Segment
from kitbench.virtual_kit import app_module

DESCRIPTION = AppDescription("1.0", "hello", "12:00:00", "Jan  1 2026", "v5.1.4", bytes(range(32)))
MODULE = b"\0asm\x01\0\0\0 no real module, but 31 bytes"[:31]


def make_image() -> bytes:
    return app_image.serialize(list(app_module.embed(MODULE, DESCRIPTION)), entry=0x400D0020)


def test_serialize_is_valid_to_esptool(tmp_path: Path) -> None:
    path = tmp_path / "app.bin"
    path.write_bytes(make_image())

    image = LoadFirmwareImage("esp32", str(path))

    assert isinstance(image, ESP32FirmwareImage)
    assert image.checksum == image.calculate_checksum()
    assert image.stored_digest == image.calc_digest
    assert image.segments[0].addr == 0x3F400020


def test_serialize_with_flipped_byte_is_invalid_to_esptool(tmp_path: Path) -> None:
    broken = bytearray(make_image())
    broken[0x40] ^= 1
    path = tmp_path / "app.bin"
    path.write_bytes(broken)

    image = LoadFirmwareImage("esp32", str(path))

    assert image.checksum != image.calculate_checksum()
    assert image.stored_digest != image.calc_digest


def test_parse_gives_what_was_serialized() -> None:
    data = make_image()

    image = app_image.parse(data + b"\xff" * 100)

    assert image.checksum_ok
    assert image.hash_ok
    assert image.size == len(data)
    assert image.entry == 0x400D0020
    assert image.app_desc == DESCRIPTION
    assert app_module.extract(image) == MODULE


def test_app_desc_stands_where_the_real_one_does() -> None:
    data = make_image()

    assert struct.unpack_from("<I", data, 0x20) == (0xABCD5432,)
    assert data[0x20 + 16 : 0x20 + 20] == b"1.0\0"
    assert data[0x20 + 48 : 0x20 + 54] == b"hello\0"
    assert data[0x20 + 144 : 0x20 + 176] == bytes(range(32))


def test_mapped_segments_agree_with_their_offset_in_a_page() -> None:
    for segment in app_image.parse(make_image()).segments:
        assert segment.load_address % 0x10000 == segment.offset % 0x10000


def test_addresses_and_offsets_are_each_others_inverse() -> None:
    image = app_image.parse(make_image())
    address = app_module.address_of_module_offset(5)

    offset = image.offset_of(address)

    assert offset is not None
    assert make_image()[offset : offset + 3] == MODULE[5:8]
    assert image.address_of(offset) == address
    assert image.address_of(0) is None
    assert image.offset_of(0) is None


@pytest.mark.parametrize("position", [0x30, -33, -1])
def test_parse_flipped_bit_is_told(position: int) -> None:
    broken = bytearray(make_image())
    broken[position] ^= 0x10

    image = app_image.parse(bytes(broken))

    assert not (image.checksum_ok and image.hash_ok)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "cut off in the header: 0 bytes"),
        (b"\xff" * 0x1000, "invalid magic byte 0xff"),
        (b"\xe9\x11" + bytes(22), "17 segments"),
        (b"\xe9\x01" + bytes(22), "header of segment 0"),
        (b"\xe9\x01" + bytes(22) + struct.pack("<II", 0, 0xFFFFFFFF), "invalid segment length 0xffffffff"),
        (b"\xe9\x01" + bytes(22) + struct.pack("<II", 0, 0x100), "beyond the end"),
        (make_image()[:-40], "cut off before the checksum"),
    ],
)
def test_parse_broken_image_says_where(data: bytes, message: str) -> None:
    with pytest.raises(AppImageError, match=message):
        app_image.parse(data)


def test_parse_image_without_its_hash_tells_so() -> None:
    image = app_image.parse(make_image()[:-32])

    assert image.checksum_ok
    assert not image.hash_ok


def test_serialize_without_segments_is_refused() -> None:
    with pytest.raises(AppImageError, match="1 to 16 segments"):
        app_image.serialize([], entry=0)


def test_checksum_is_the_xor_of_all_bytes() -> None:
    expected = 0xEF
    for byte in b"any bytes at all":
        expected ^= byte

    assert app_image.checksum([b"any bytes", b" at all", b""]) == expected


@given(st.binary(max_size=300).map(lambda tail: b"\xe9" + tail))
def test_parse_any_bytes_gives_image_or_its_error(data: bytes) -> None:
    try:
        image = app_image.parse(data)
    except AppImageError:
        return
    assert image.size <= len(data) + 32


def test_segment_without_data_has_no_description() -> None:
    data = app_image.serialize([Segment(0x3FFF0030, b"")], entry=0)

    assert app_image.parse(data).app_desc is None
