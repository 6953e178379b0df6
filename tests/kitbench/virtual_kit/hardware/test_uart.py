"""Rates that agree, and rates that do not."""

import pytest

from kitbench.virtual_kit.hardware.uart import Uart


@pytest.mark.parametrize("host_baud", [115200, 112000, 118000])
def test_rates_within_three_percent_agree(host_baud: int) -> None:
    uart = Uart()
    uart.host_baud = host_baud

    assert uart.to_chip(b"hello") == b"hello"
    assert uart.to_host(b"hello") == b"hello"


@pytest.mark.parametrize("host_baud", [9600, 74880, 110000, 230400, 921600])
def test_other_rates_give_garbage(host_baud: int) -> None:
    uart = Uart()
    uart.host_baud = host_baud
    text = b"rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)"

    assert b"rst" not in uart.to_host(text)
    assert b"rst" not in uart.to_chip(text)
    assert uart.to_host(text)


def test_a_byte_takes_ten_bits() -> None:
    assert Uart().seconds(11520) == pytest.approx(1.0)


@pytest.mark.parametrize("baud", [0, 1, 0xFFFFFFFF])
def test_absurd_rates_are_survived(baud: int) -> None:
    uart = Uart()
    uart.chip_baud = baud

    assert len(uart.to_chip(b"x" * 1000)) <= 1000
    assert len(uart.to_host(b"x" * 1000)) <= 1000
    assert uart.seconds(1) > 0
