"""The second stage's texts and decisions (device-facts, "Boot" and its table of faults)."""

import re
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.flash_format import partition_table
from kitbench.flash_format.partition_table import Partition
from kitbench.virtual_kit.boot import boot_loader
from kitbench.virtual_kit.hardware.flash_image import FlashImage
from tests.kitbench.virtual_kit.chip_rig import APP_OFFSET, PARTITIONS, make_app, make_bootloader, make_flash

NOT_BOOTABLE = (
    "E boot: Factory app partition is not bootable",
    "E boot: No bootable app partitions in the partition table",
)


def _lines(flash: FlashImage) -> list[str]:
    """Boot; return the log without times and colours."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", boot_loader.run(flash).text)
    return [line[0] + line[line.index(")") + 1 :] for line in text.splitlines()]


def _errors(flash: FlashImage) -> tuple[str, ...]:
    assert boot_loader.run(flash).app_offset is None
    return tuple(line for line in _lines(flash) if line[0] == "E")


def test_good_flash_boots_its_app() -> None:
    """device-facts, "Boot": the boot loader's lines."""
    app = make_app()
    size = len(app) - 24 - 16 - 64 - 32
    size -= size % 4

    lines = _lines(make_flash(app=app))

    assert boot_loader.run(make_flash(app=app)).app_offset == APP_OFFSET
    assert lines[0] == "I boot: ESP-IDF v5.1.4 2nd stage bootloader"
    assert "I boot:  0 nvs              WiFi data        01 02 00009000 00006000" in lines
    assert "I boot:  2 factory          factory app      00 00 00010000 00100000" in lines
    segment = next(line for line in lines if "segment 0" in line)
    assert segment.startswith("I esp_image: segment 0: paddr=00010020 vaddr=3f400020 size=0")
    assert segment.endswith(") map")
    assert "I boot: Loaded app from partition at offset 0x10000" in lines


def test_line_format_is_esp_logs() -> None:
    first = "\033[0;32mI (29) boot: ESP-IDF v5.1.4 2nd stage bootloader\033[0m\r\n"

    assert boot_loader.run(make_flash()).text.startswith(first)


def test_erased_table() -> None:
    """device-facts: "table erased"."""
    lines = _lines(make_flash(table=b"\xff" * 0xC00))

    assert lines[-2:] == [
        "I boot: End of partition table",
        "E boot: No bootable app partitions in the partition table",
    ]


def test_wrong_md5_of_the_table() -> None:
    """device-facts: "table MD5 wrong"."""
    table = bytearray(partition_table.serialize(PARTITIONS))
    table[12] ^= 1

    assert _errors(make_flash(table=bytes(table))) == (
        "E flash_parts: Incorrect MD5 checksum",
        "E boot: Failed to verify partition table",
        "E boot: load partition table error!",
    )


def test_garbage_in_the_table() -> None:
    table = bytearray(partition_table.serialize(PARTITIONS))
    table[32:34] = b"\x34\x12"

    assert _errors(make_flash(table=bytes(table)))[0] == "E flash_parts: partition 1 invalid magic number 0x1234"


def test_table_without_an_end() -> None:
    rows = [Partition(f"p{n}", 1, 6, 0x9000, 0x1000) for n in range(96)]
    row_bytes = b"".join(partition_table.serialize([row])[:32] for row in rows)

    errors = _errors(make_flash(table=row_bytes))

    assert errors[0] == "E flash_parts: partition table has no terminating entry, not valid"


def test_partition_beyond_the_chip() -> None:
    table = partition_table.serialize([Partition("big", 0, 0, 0x10000, 0x400000)])

    assert _errors(make_flash(table=table))[0] == (
        "E flash_parts: partition 0 invalid - offset 0x10000 size 0x400000 exceeds flash chip size 0x400000"
    )


def test_flash_settings_of_the_header_count_not_the_chips_size() -> None:
    """`esptool write-flash --flash-size 2MB` on a kit of 4 MB: what is behind 2 MB is out of reach."""
    bootloader = bytearray(make_bootloader())
    bootloader[2:4] = b"\x00\x1f"
    table = partition_table.serialize([*PARTITIONS, Partition("far", 1, 6, 0x200000, 0x1000)])

    lines = _lines(make_flash(bootloader=bytes(bootloader), table=table))

    assert "I boot.esp32: SPI Speed      : 80MHz" in lines
    assert "I boot.esp32: SPI Mode       : QIO" in lines
    assert "I boot.esp32: SPI Flash Size : 2MB" in lines
    assert "E flash_parts: partition 3 invalid - offset 0x200000 size 0x1000 exceeds flash chip size 0x200000" in lines


@pytest.mark.parametrize("app", [b"", b"\x00" * 64])
def test_erased_app_or_bad_magic(app: bytes) -> None:
    """device-facts: "app erased or bad magic"."""
    assert _errors(make_flash(app=app)) == (
        "E esp_image: image at 0x10000 has invalid magic byte (nothing flashed here?)",
        *NOT_BOOTABLE,
    )


def test_bit_flip() -> None:
    """device-facts: "bit flip": `Checksum failed. Calculated 0x8b read 0x8a`, numbers of the image."""
    app = bytearray(make_app())
    app[0x200] ^= 1
    stored = app[-33]

    errors = _errors(make_flash(app=bytes(app)))

    assert errors == (
        f"E esp_image: Checksum failed. Calculated {stored ^ 1:#x} read {stored:#x}",
        *NOT_BOOTABLE,
    )


def test_wrong_hash() -> None:
    """device-facts: "SHA wrong"."""
    app = bytearray(make_app())
    app[-1] ^= 1

    assert _errors(make_flash(app=bytes(app))) == ("E esp_image: Image hash failed - image is corrupt", *NOT_BOOTABLE)


def test_erased_tail() -> None:
    """device-facts: "tail erased": `invalid segment length 0xffffffff`."""
    app = make_app(b"\0asm\1\0\0\0" + bytes(0x3000))

    errors = _errors(make_flash(app=app[:0x2000] + b"\xff" * (len(app) - 0x2000)))
    # The segment that covers the cut is whole by its header; the next header is what is erased.
    assert errors == ("E esp_image: invalid segment length 0xffffffff", *NOT_BOOTABLE)


@pytest.mark.parametrize(
    ("offset", "value", "message"),
    [
        (12, b"\x09\x00", "E boot_comm: mismatch chip ID, expected 0, found 9"),
        (15, b"\x90\x01", "E boot_comm: Image requires chip rev >= v4.0, but chip is v3.1"),
        (
            24,
            b"\x24\x00\x40\x3f",
            "E esp_image: Segment 0 load address 0x3f400024, doesn't match data 0x00010020",
        ),
        (1, b"\x11", "E esp_image: image at 0x10000 segment count 17 exceeds max 16"),
    ],
    ids=["other chip", "newer chip", "misplaced segment", "too many segments"],
)
def test_image_for_something_else(offset: int, value: bytes, message: str) -> None:
    app = bytearray(make_app())
    app[offset : offset + len(value)] = value

    assert _errors(make_flash(app=bytes(app))) == (message, *NOT_BOOTABLE)


OTA_TABLE = partition_table.serialize(
    [
        Partition("otadata", 1, 0, 0xD000, 0x2000),
        Partition("factory", 0, 0x00, 0x10000, 0x10000),
        Partition("ota_0", 0, 0x10, 0x20000, 0x10000),
        Partition("ota_1", 0, 0x11, 0x30000, 0x10000),
    ]
)


def _ota_entry(sequence: int, state: int = 2) -> bytes:
    number = struct.pack("<I", sequence)
    return number + b"\xff" * 20 + struct.pack("<II", state, zlib.crc32(number, 0xFFFFFFFF))


@pytest.mark.parametrize(
    ("entries", "offset"),
    [
        ((), 0x10000),
        ((_ota_entry(1),), 0x20000),
        ((_ota_entry(1), _ota_entry(2)), 0x30000),
        ((_ota_entry(3), _ota_entry(2)), 0x20000),
        ((_ota_entry(2, state=3),), 0x10000),
        ((b"\x01\0\0\0" + bytes(28),), 0x10000),
    ],
)
def test_choice_of_the_ota_slot(entries: tuple[bytes, ...], offset: int) -> None:
    flash = make_flash(table=OTA_TABLE)
    for copy, entry in enumerate(entries):
        flash.program(0xD000 + copy * 0x1000, entry)
    for slot in (0x20000, 0x30000):
        flash.program(slot, make_app())

    assert boot_loader.run(flash).app_offset == offset


def test_broken_slot_falls_back() -> None:
    flash = make_flash(table=OTA_TABLE)
    flash.program(0xD000, _ota_entry(2))

    lines = _lines(flash)

    assert "E boot: OTA app partition slot 1 is not bootable" in lines
    assert "E boot: OTA app partition slot 0 is not bootable" in lines
    assert lines[-2] == "I boot: Loaded app from partition at offset 0x10000"


@given(st.binary(max_size=600), st.binary(max_size=600))
def test_any_table_and_image_are_survived(table: bytes, image: bytes) -> None:
    boot_loader.run(make_flash(table=table, app=b"\xe9" + image))
