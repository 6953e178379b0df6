"""What a chip's ROM prints at a start, on a line that is sound, garbled, silent or gone."""

import pytest

from kitbench.kit.start_line import START, garbled_starts
from kitbench.virtual_kit.kit import VirtualKit

ESP32 = b"ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
ESP32_C3 = b"ESP-ROM:esp32c3-api1-20210207\r\nrst:0x1 (POWERON),boot:0xc (SPI_FAST_FLASH_BOOT)\r\n"


@pytest.mark.parametrize("said", [ESP32, b"\x00\xff" + ESP32, ESP32_C3])
def test_words_of_a_start_are_known(said: bytes) -> None:
    assert START.search(said)


@pytest.mark.parametrize("place", range(3, len(b"rst:0x1 (POWERON_RESET),boot:0x13"), 5))
def test_one_wrong_byte_in_them_is_seen(place: int) -> None:
    at = ESP32.index(b"rst:") + place
    garbled = ESP32[:at] + bytes([ESP32[at] ^ 0x40]) + ESP32[at + 1 :]

    assert not START.search(garbled)


def test_sound_line_garbles_nothing_and_the_kit_is_left_in_its_loader(monkeypatch: pytest.MonkeyPatch) -> None:
    with VirtualKit() as kit:
        assert garbled_starts(kit.url) == ""

        monkeypatch.setattr("kitbench.kit.start_line._start", lambda _port: ESP32.replace(b"POWER", b"P?WER"))
        assert garbled_starts(kit.url) == "its line garbles what its ROM prints (3 of 3 starts)"

        monkeypatch.setattr("kitbench.kit.start_line._start", lambda _port: b"")
        assert garbled_starts(kit.url) == "", "a ROM that was told to be silent is none that garbles"


def test_line_that_is_gone_is_said() -> None:
    assert "no-such-port" in garbled_starts("/dev/no-such-port")
