"""The ESP32 app image: 24-byte header, segments, checksum byte, SHA-256.

Source: ESP-IDF, API guides, "App Image Format"; `components/bootloader_support/include/esp_app_format.h`,
`components/esp_app_format/include/esp_app_desc.h`; esptool `bin_image.py`.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import xor
from typing import Final

IMAGE_MAGIC: Final = 0xE9
CHECKSUM_SEED: Final = 0xEF
CHIP_ID_ESP32: Final = 0x0000
MAX_SEGMENTS: Final = 16
#: Flash size code in the header's fourth byte, upper half (esp_image_flash_size_t).
FLASH_SIZE_CODES: Final = {0x100000: 0, 0x200000: 1, 0x400000: 2, 0x800000: 3, 0x1000000: 4}

_HEADER: Final = struct.Struct("<BBBBIB3sHBHH4sB")
_SEGMENT_HEADER: Final = struct.Struct("<II")
_FLASH_MODE_DIO: Final = 2
_FLASH_SPEED_40M: Final = 0
_WP_PIN_DISABLED: Final = 0xEE
_MAX_SEGMENT_SIZE: Final = 0x1000000
#: v3.99, what ESP-IDF writes for the ESP32.
_MAX_REVISION: Final = 399

_APP_DESC_MAGIC: Final = 0xABCD5432
#: magic, secure version, reserved, version, project, time, date, IDF version, ELF SHA-256, reserved.
_APP_DESC: Final = struct.Struct("<II8s32s32s16s16s32s32s80s")


class AppImageError(ValueError):
    """The bytes are no app image; the message says where they cease to be one."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of the image: `offset` is where its data begins in the image, `data` is loaded at `load_address`."""

    load_address: int
    data: bytes
    offset: int = 0

    @property
    def end_address(self) -> int:
        """The first address behind the data."""
        return self.load_address + len(self.data)


@dataclass(frozen=True, slots=True)
class AppDescription:
    """`esp_app_desc_t`, at the start of an app's first segment."""

    version: str
    project_name: str
    time: str
    date: str
    idf_version: str
    elf_sha256: bytes
    secure_version: int = 0


@dataclass(frozen=True, slots=True)
class AppImage:
    """An image as it stands in flash; whether it would boot is told by the two flags and the numbers behind them.

    Attributes:
        segments: in image order.
        entry: address of the first instruction.
        size: bytes of the whole image, checksum and hash included; what is behind is not part of it.
        checksum_stored: the byte in the image; `checksum_calculated` is what the segments give.
        has_hash: whether the header announces an appended SHA-256.
        hash_ok: the SHA-256 is there and right; true where none is announced.
        app_desc: None where the first segment carries none, as in boot loaders.
    """

    segments: tuple[Segment, ...]
    entry: int
    size: int
    checksum_stored: int
    checksum_calculated: int
    has_hash: bool
    hash_ok: bool
    app_desc: AppDescription | None
    flash_mode: int = _FLASH_MODE_DIO
    flash_size_and_speed: int = field(default=0x20)
    chip_id: int = CHIP_ID_ESP32

    @property
    def checksum_ok(self) -> bool:
        """Whether the checksum byte agrees with the segments."""
        return self.checksum_stored == self.checksum_calculated

    def offset_of(self, address: int) -> int | None:
        """Return the image offset of the byte that is loaded at `address`."""
        for segment in self.segments:
            if segment.load_address <= address < segment.end_address:
                return segment.offset + address - segment.load_address
        return None

    def address_of(self, offset: int) -> int | None:
        """Return the load address of the byte at an image offset; None for headers and padding."""
        for segment in self.segments:
            if segment.offset <= offset < segment.offset + len(segment.data):
                return segment.load_address + offset - segment.offset
        return None


def checksum(segments: Sequence[bytes]) -> int:
    """Return the XOR of all segment bytes, seeded as the ROM does."""
    return reduce(xor, (_xor_bytes(data) for data in segments), CHECKSUM_SEED)


def _xor_bytes(data: bytes) -> int:
    """XOR all bytes; folding one big integer in halves is far faster than a loop over bytes."""
    size = 1 << max(len(data) - 1, 0).bit_length()
    value = int.from_bytes(data, "little")
    while size > 1:
        size //= 2
        value = (value >> (8 * size)) ^ (value & ((1 << (8 * size)) - 1))
    return value


def parse(data: bytes) -> AppImage:
    """Read the image at the start of `data`; more bytes may follow, as in a flash dump.

    Wrong checksums and hashes are told in the result; only a structure that cannot be followed raises.

    Raises:
        AppImageError: bad magic, too many segments, or a segment, the checksum or the hash beyond the end.
    """
    if len(data) < _HEADER.size:
        raise AppImageError(f"image is cut off in the header: {len(data)} bytes, expected {_HEADER.size}")
    magic, count, flash_mode, flash_size, entry, _, _, chip_id, *_, hash_appended = _HEADER.unpack_from(data)
    if magic != IMAGE_MAGIC:
        raise AppImageError(f"invalid magic byte 0x{magic:02x}, expected 0x{IMAGE_MAGIC:02x}")
    if count > MAX_SEGMENTS:
        raise AppImageError(f"image has {count} segments, at most {MAX_SEGMENTS} are possible")
    segments, position = _parse_segments(data, count)
    # The checksum is the last byte of a 16-byte row; there is always room for it.
    checksum_offset = position | 15
    if checksum_offset >= len(data):
        raise AppImageError(f"image is cut off before the checksum at 0x{checksum_offset:x}")
    size = checksum_offset + 1
    digest = data[size : size + 32]
    return AppImage(
        segments=segments,
        entry=entry,
        size=size + (32 if hash_appended else 0),
        checksum_stored=data[checksum_offset],
        checksum_calculated=checksum([segment.data for segment in segments]),
        has_hash=bool(hash_appended),
        hash_ok=not hash_appended or digest == hashlib.sha256(data[:size]).digest(),
        app_desc=parse_app_desc(segments[0].data) if segments else None,
        flash_mode=flash_mode,
        flash_size_and_speed=flash_size,
        chip_id=chip_id,
    )


def _parse_segments(data: bytes, count: int) -> tuple[tuple[Segment, ...], int]:
    segments: list[Segment] = []
    position = _HEADER.size
    for index in range(count):
        if position + _SEGMENT_HEADER.size > len(data):
            raise AppImageError(f"image is cut off in the header of segment {index} at 0x{position:x}")
        load_address, size = _SEGMENT_HEADER.unpack_from(data, position)
        position += _SEGMENT_HEADER.size
        if size % 4 or size >= _MAX_SEGMENT_SIZE:
            raise AppImageError(f"invalid segment length 0x{size:x} of segment {index}")
        if position + size > len(data):
            raise AppImageError(f"segment {index} of 0x{size:x} bytes at 0x{position:x} goes beyond the end")
        segments.append(Segment(load_address, data[position : position + size], position))
        position += size
    return tuple(segments), position


def serialize(segments: Sequence[Segment], *, entry: int, flash_size: int = 0x400000) -> bytes:
    """Return a whole image with checksum and SHA-256; the segments' own `offset` is not looked at.

    Data is padded with zeros to a multiple of four bytes, as every loader wants it.

    Raises:
        AppImageError: too many segments, one too large, or a flash size that has no code.
    """
    if not 0 < len(segments) <= MAX_SEGMENTS:
        raise AppImageError(f"an image has 1 to {MAX_SEGMENTS} segments, not {len(segments)}")
    if flash_size not in FLASH_SIZE_CODES:
        raise AppImageError(f"flash size 0x{flash_size:x} has no code in the image header")
    body = b"".join(_serialize_segment(segment) for segment in segments)
    size_and_speed = FLASH_SIZE_CODES[flash_size] << 4 | _FLASH_SPEED_40M
    header = _HEADER.pack(
        IMAGE_MAGIC, len(segments), _FLASH_MODE_DIO, size_and_speed, entry,
        _WP_PIN_DISABLED, bytes(3), CHIP_ID_ESP32, 0, 0, _MAX_REVISION, bytes(4), 1,
    )  # fmt: skip
    image = header + body
    image += bytes(15 - len(image) % 16)
    image += bytes([checksum([segment.data for segment in segments])])
    return image + hashlib.sha256(image).digest()


def _serialize_segment(segment: Segment) -> bytes:
    data = segment.data + bytes(-len(segment.data) % 4)
    if len(data) >= _MAX_SEGMENT_SIZE:
        raise AppImageError(f"segment at 0x{segment.load_address:x} is {len(data)} bytes, 16 MB is the limit")
    return _SEGMENT_HEADER.pack(segment.load_address, len(data)) + data


def parse_app_desc(data: bytes) -> AppDescription | None:
    """Read the description at the start of a segment; None where there is none."""
    if len(data) < _APP_DESC.size:
        return None
    magic, secure_version, _, *texts, elf_sha256, _ = _APP_DESC.unpack_from(data)
    if magic != _APP_DESC_MAGIC:
        return None
    version, project_name, time, date, idf_version = (
        text.split(b"\0", 1)[0].decode("utf-8", "backslashreplace") for text in texts
    )
    return AppDescription(version, project_name, time, date, idf_version, elf_sha256, secure_version)


def serialize_app_desc(description: AppDescription) -> bytes:
    """Return `esp_app_desc_t` as 256 bytes; texts are cut to their fields, the last byte of each stays NUL."""
    return _APP_DESC.pack(
        _APP_DESC_MAGIC,
        description.secure_version,
        bytes(8),
        description.version.encode()[:31],
        description.project_name.encode()[:31],
        description.time.encode()[:15],
        description.date.encode()[:15],
        description.idf_version.encode()[:31],
        description.elf_sha256,
        bytes(80),
    )
