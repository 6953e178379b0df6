"""Of several apps in a dump, the one that a kit would run."""

import struct
import zlib

from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import AppDescription, Segment
from kitbench.flash_format.partition_table import Partition
from kitbench.forensics.layout.flash_layout import read_layout
from kitbench.forensics.proof.started_app import started_app

TABLE = (
    Partition("otadata", 1, 0x00, 0xD000, 0x2000),
    Partition("factory", 0, 0x00, 0x10000, 0x10000),
    Partition("ota_0", 0, 0x10, 0x20000, 0x10000),
)


def app(name: str) -> bytes:
    """Return an image that calls itself so."""
    described = AppDescription("1", name, "12:00:00", "Jan  1 2026", "v5.1.4", bytes(32))
    return app_image.serialize([Segment(0x3F400020, app_image.serialize_app_desc(described))], entry=0x400D0020)


def started(*, selection: bytes = b"", slot: bytes | None = None) -> str:
    """Return which app a flash with a factory app and a slot starts."""
    flash = bytearray(b"\xff" * 0x40000)
    placed = {0x8000: partition_table.serialize(TABLE), 0xD000: selection, 0x10000: app("factory")}
    for offset, data in {**placed, 0x20000: app("slot") if slot is None else slot}.items():
        flash[offset : offset + len(data)] = data
    image = started_app(bytes(flash), read_layout(bytes(flash)))
    return image.app_desc.project_name if image is not None and image.app_desc is not None else ""


def selected(sequence: int) -> bytes:
    """Return an entry that selects a slot."""
    number = struct.pack("<I", sequence)
    return number + b"\xff" * 24 + struct.pack("<I", zlib.crc32(number, 0xFFFFFFFF))


def test_slot_that_nothing_selects_is_not_started() -> None:
    assert started() == "factory"


def test_selected_slot_is_started() -> None:
    assert started(selection=selected(1)) == "slot"


def test_selected_slot_that_fails_its_check_is_passed_over() -> None:
    spoilt = bytearray(app("slot"))
    spoilt[-40] ^= 1
    assert started(selection=selected(1), slot=bytes(spoilt)) == "factory"
