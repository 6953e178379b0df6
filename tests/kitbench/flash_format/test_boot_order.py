"""The boot loader's choice: the newest valid selection, then what its order says."""

import struct
import zlib

import pytest

from kitbench.flash_format.boot_order import boot_order, ota_data, ota_slots, selected_slot
from kitbench.flash_format.partition_table import SECTOR_SIZE, Partition

TABLE = (
    Partition("otadata", 1, 0x00, 0xD000, 0x2000),
    Partition("second", 0, 0x11, 0x10000, 0x10000),  # a table need not name its slots in order
    Partition("first", 0, 0x10, 0x20000, 0x10000),
    Partition("factory", 0, 0x00, 0x30000, 0x10000),
    Partition("test", 0, 0x20, 0x40000, 0x10000),
)


def selection(sequence: int, *, state: int = 0xFFFFFFFF, crc: int | None = None) -> bytes:
    """Return a sector with an entry."""
    number = struct.pack("<I", sequence)
    code = zlib.crc32(number, 0xFFFFFFFF) if crc is None else crc
    return (number + b"\xff" * 20 + struct.pack("<II", state, code)).ljust(SECTOR_SIZE, b"\xff")


@pytest.mark.parametrize(
    ("data", "slot"),
    [
        (selection(1) + selection(2), 1),
        (selection(3) + selection(2), 0),
        (selection(2, state=4) + selection(1), 0),
        (selection(2, crc=0) + selection(1), 0),
        (b"\xff" * 0x2000, None),
        (b"", None),
        (selection(2)[:16], None),
    ],
    ids=["newest", "newest first", "aborted", "torn", "erased", "no partition", "cut"],
)
def test_newest_valid_entry_selects_the_slot(data: bytes, slot: int | None) -> None:
    assert selected_slot(data, 2) == slot


@pytest.mark.parametrize(
    ("selected", "order"),
    [
        (None, ["factory", "first", "second", "test"]),
        (0, ["first", "factory", "second", "test"]),
        (1, ["second", "first", "factory", "test"]),
    ],
)
def test_apps_are_tried_from_the_selected_slot_down(selected: int | None, order: list[str]) -> None:
    assert [one.name for one in boot_order(TABLE, selected)] == order


def test_slots_are_counted_by_their_subtype() -> None:
    assert [slot.name for slot in ota_slots(TABLE)] == ["first", "second"]


def test_selection_needs_both_sectors() -> None:
    assert ota_data(TABLE) is TABLE[0]
    assert ota_data([Partition("otadata", 1, 0x00, 0xD000, SECTOR_SIZE)]) is None
