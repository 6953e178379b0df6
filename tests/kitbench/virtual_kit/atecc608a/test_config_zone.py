"""Where each slot's configuration is, and what its bits mean (data sheet, section 2.2)."""

import pytest

from kitbench.virtual_kit.atecc608a.config_zone import ConfigZone, KeyConfig, SlotConfig
from kitbench.virtual_kit.atecc608a.state import slot_size

BYTES = bytes(range(128))


def with_byte(offset: int, value: int) -> ConfigZone:
    return ConfigZone(BYTES[:offset] + bytes([value]) + BYTES[offset + 1 :])


@pytest.mark.parametrize("slot", range(16))
def test_each_slot_has_two_bytes_of_its_own(slot: int) -> None:
    zone = ConfigZone(BYTES)

    assert zone.slot(slot).value.to_bytes(2, "little") == BYTES[20 + 2 * slot :][:2]
    assert zone.key(slot).value.to_bytes(2, "little") == BYTES[96 + 2 * slot :][:2]


def test_serial_number_and_revision() -> None:
    zone = ConfigZone(BYTES)

    assert zone.serial_number == bytes([0, 1, 2, 3, 8, 9, 10, 11, 12])
    assert zone.revision == bytes([4, 5, 6, 7])


@pytest.mark.parametrize(("value", "is_locked"), [(0x55, False), (0x00, True), (0x56, True), (0xFF, True)])
def test_zone_is_locked_unless_its_byte_says_otherwise(value: int, *, is_locked: bool) -> None:
    assert with_byte(87, value).is_config_locked is is_locked
    assert with_byte(86, value).is_data_locked is is_locked


@pytest.mark.parametrize("slot", range(16))
def test_slot_is_locked_for_ever_and_alone(slot: int) -> None:
    zone = ConfigZone(BYTES[:88] + b"\xff\xff" + BYTES[90:])
    assert not any(zone.is_slot_locked(number) for number in range(16))

    zone.lock_slot(slot)
    zone.lock_slot(slot)

    assert [number for number in range(16) if zone.is_slot_locked(number)] == [slot]
    assert zone.data[:88] == BYTES[:88]
    assert zone.data[90:] == BYTES[90:]


@pytest.mark.parametrize(
    ("name", "bit"),
    [("is_secret", 7), ("may_sign_external", 0), ("may_agree", 2), ("may_generate", 13), ("may_import", 14)],
)
def test_slot_config_bit(name: str, bit: int) -> None:
    assert getattr(SlotConfig(1 << bit), name)
    assert not getattr(SlotConfig(0xFFFF ^ 1 << bit), name)


@pytest.mark.parametrize(("value", "is_writable"), [(0x0FFF, True), (0x1000, False), (0x8000, False)])
def test_data_slot_is_clear_writable_when_write_config_says_always(value: int, *, is_writable: bool) -> None:
    assert SlotConfig(value).is_clear_writable is is_writable


@pytest.mark.parametrize(("name", "bit"), [("is_public_known", 1), ("is_lockable", 5)])
def test_key_config_bit(name: str, bit: int) -> None:
    assert getattr(KeyConfig(1 << bit), name)
    assert not getattr(KeyConfig(0xFFFF ^ 1 << bit), name)


@pytest.mark.parametrize(
    ("value", "is_key"),
    [(0b100_0_1, True), (0b100_1_1, True), (0b100_0_0, False), (0b110_0_1, False), (0b111_0_1, False), (0b1, False)],
)
def test_private_key_is_private_and_of_the_curve(value: int, *, is_key: bool) -> None:
    assert KeyConfig(value).is_private_ecc is is_key


@pytest.mark.parametrize("size", [0, 127, 129])
def test_zone_of_another_size_is_none(size: int) -> None:
    with pytest.raises(ValueError, match=f"configuration zone is {size} bytes, expected 128"):
        ConfigZone(bytes(size))


def test_slots_have_the_data_sheets_sizes() -> None:
    assert [slot_size(number) for number in range(16)] == [36] * 8 + [416] + [72] * 7
