"""NOR semantics."""

import pytest

from kitbench.virtual_kit.hardware.flash_image import SECTOR_SIZE, FlashImage, FlashRangeError


def test_new_flash_is_erased() -> None:
    assert FlashImage().read(0x3FF000, SECTOR_SIZE) == b"\xff" * SECTOR_SIZE


def test_programming_clears_bits_and_never_sets_them() -> None:
    flash = FlashImage()
    flash.program(0x1FFE, b"\xf0\x0f\x55")

    flash.program(0x1FFE, b"\x3c\xff\xaa")

    assert flash.read(0x1FFD, 5) == b"\xff\x30\x0f\x00\xff"


def test_erase_sets_a_whole_sector_and_only_that() -> None:
    flash = FlashImage(bytes(3 * SECTOR_SIZE))

    flash.erase(SECTOR_SIZE, SECTOR_SIZE)

    assert flash.read(0, 3 * SECTOR_SIZE) == bytes(SECTOR_SIZE) + b"\xff" * SECTOR_SIZE + bytes(SECTOR_SIZE)


@pytest.mark.parametrize(("offset", "size"), [(1, SECTOR_SIZE), (0, 100), (0x400000, SECTOR_SIZE), (-SECTOR_SIZE, 0)])
def test_wrong_erase_is_refused(offset: int, size: int) -> None:
    with pytest.raises(FlashRangeError):
        FlashImage().erase(offset, size)


@pytest.mark.parametrize(("offset", "size"), [(0x3FFFFF, 2), (0x400000, 1), (-1, 1), (0, 0x400001)])
def test_read_beyond_the_chip_is_refused(offset: int, size: int) -> None:
    with pytest.raises(FlashRangeError):
        FlashImage().read(offset, size)


def test_watcher_is_told_of_changes_and_only_of_changes() -> None:
    changes: list[int] = []
    flash = FlashImage(on_change=lambda offset, _: changes.append(offset))

    flash.program(0x1800, bytes(SECTOR_SIZE))
    flash.program(0x1800, bytes(10))
    flash.erase(0x5000, SECTOR_SIZE)

    assert changes == [0x1000, 0x2000]


def test_erased_sectors_take_no_memory() -> None:
    flash = FlashImage(bytes(SECTOR_SIZE) + b"\xff" * SECTOR_SIZE)
    assert list(flash._sectors) == [0]

    flash.erase(0, SECTOR_SIZE)

    assert not flash._sectors


@pytest.mark.parametrize("size", [5000, 0, -SECTOR_SIZE])
def test_size_that_is_no_number_of_sectors_is_refused(size: int) -> None:
    with pytest.raises(FlashRangeError, match="expected a multiple of 0x1000"):
        FlashImage(size=size)


def test_content_fills_the_chip_and_no_more() -> None:
    assert FlashImage(bytes(SECTOR_SIZE), size=SECTOR_SIZE).read(0, SECTOR_SIZE) == bytes(SECTOR_SIZE)

    with pytest.raises(FlashRangeError, match="flash content is 0x1001 bytes, the chip has 0x1000"):
        FlashImage(bytes(SECTOR_SIZE + 1), size=SECTOR_SIZE)


@pytest.mark.parametrize("offset", [0, 0x1234, 0x400000])
def test_read_of_nothing_is_nothing(offset: int) -> None:
    assert FlashImage().read(offset, 0) == b""
