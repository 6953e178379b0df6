"""The AHT's model, by bytes."""

from typing import Final

import pytest

from kitbench.virtual_kit.board.aht import AHT10, AHT20, BUSY, CALIBRATED, MEASURE_US, RESET_US, Aht, crc8, raw_values

MEASURE: Final = bytes.fromhex("ac3300")


def sensor(model: object = AHT20, climate: tuple[float, float] = (25.0, 50.0)) -> Aht:
    return Aht(model, lambda: climate, lambda: True)  # type: ignore[arg-type]


def test_checksum_is_the_one_of_the_data_sheet() -> None:
    # Sensirion's example of the same polynomial and beginning.
    assert crc8(bytes.fromhex("beef")) == 0x92


def test_half_and_half_of_the_range() -> None:
    # 50 % and 50 °C are the middle of 2^20 steps each.
    assert raw_values(50.0, 50.0) == bytes.fromhex("8000080000")


@pytest.mark.parametrize(("climate", "expected"), [((-50.0, 0.0), "0000000000"), ((150.0, 100.0), "ffffffffff")])
def test_ends_of_the_range(climate: tuple[float, float], expected: str) -> None:
    assert raw_values(*climate).hex() == expected


def test_measurement_takes_its_time() -> None:
    aht = sensor()
    aht.write(MEASURE, 1000)

    early, late = aht.reply(1000 + MEASURE_US - 1), aht.reply(1000 + MEASURE_US)

    assert early[0] & BUSY
    assert early[1:6] == bytes(5)
    assert not late[0] & BUSY
    assert late[1:6] == raw_values(25.0, 50.0)
    assert (len(late), late[6]) == (7, crc8(late[:6]))


def test_old_model_measures_once_it_is_initialised_and_has_no_checksum() -> None:
    aht = sensor(AHT10)
    aht.write(MEASURE, 0)
    assert not aht.reply(0)[0] & (BUSY | CALIBRATED)

    aht.write(bytes.fromhex("e10800"), 0)
    aht.write(MEASURE, 0)

    assert aht.reply(MEASURE_US) == bytes((0x18,)) + raw_values(25.0, 50.0)


def test_reset_makes_it_deaf_and_forgetful() -> None:
    aht = sensor(AHT10)
    aht.write(bytes.fromhex("e10800"), 0)
    aht.write(b"\xba", 0)

    assert not aht.acknowledges(RESET_US - 1)
    assert aht.acknowledges(RESET_US)
    assert not aht.reply(RESET_US)[0] & CALIBRATED


def test_commands_that_it_does_not_know_do_nothing() -> None:
    aht = sensor()
    for data in (b"", b"\x71", b"\xac", bytes.fromhex("ac3300ff"), b"\xff" * 40):
        aht.write(data, 0)

    assert aht.reply(0)[:6] == bytes((0x18,)) + bytes(5)
