"""Flash by host calls: NOR semantics, and ESP-IDF's codes for what leaves the chip."""

import pytest

from kitbench.virtual_kit.cpu.host_calls import flash
from tests.kitbench.virtual_kit.cpu.host_calls.guest import BUFFER, Guest

INVALID_ARG, INVALID_SIZE = 0x102, 0x104
SIZE = 0x20000


@pytest.fixture
def guest() -> Guest:
    return Guest(flash.host_calls)


def test_written_bits_are_only_ever_cleared_until_an_erase(guest: Guest) -> None:
    for value in (b"\xf0", b"\x3c"):
        assert guest.call("kit_flash_write", 0x10000, guest.put(value, BUFFER), 1) == 0
    assert guest.call("kit_flash_read", 0x10000, BUFFER, 1) == 0
    assert guest.memory.read(BUFFER, 1) == b"\x30"

    assert guest.call("kit_flash_erase", 0x10000, 0x1000) == 0
    assert guest.flash.read(0x10000, 0x1000) == b"\xff" * 0x1000


@pytest.mark.parametrize(("offset", "size"), [(SIZE, 1), (SIZE - 1, 2), (-4, 4), (0, -1), (0, SIZE + 1)])
def test_what_leaves_the_chip_is_refused(guest: Guest, offset: int, size: int) -> None:
    assert guest.call("kit_flash_read", offset, BUFFER, size) == INVALID_SIZE
    assert guest.call("kit_flash_write", offset, BUFFER, size) == INVALID_SIZE


@pytest.mark.parametrize(
    ("offset", "size", "status"),
    [(1, 0x1000, INVALID_ARG), (0, 1, INVALID_ARG), (SIZE, 0x1000, INVALID_SIZE), (0, 0x1000, 0)],
)
def test_an_erase_is_by_sectors(guest: Guest, offset: int, size: int, status: int) -> None:
    assert guest.call("kit_flash_erase", offset, size) == status
