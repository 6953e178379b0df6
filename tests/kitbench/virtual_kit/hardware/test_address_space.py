"""Registers and RAM as a loader's client sees them."""

import pytest

from kitbench.virtual_kit.hardware.address_space import AddressSpace
from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.hardware.spi_controller import SpiController
from tests.kitbench.virtual_kit.chip_rig import MAC


@pytest.fixture(name="memory")
def _memory() -> AddressSpace:
    return AddressSpace(Efuses(mac=MAC), SpiController(0x400000), strap=3)


@pytest.mark.parametrize(
    ("address", "value"),
    [(0x40001000, 0x00F01D83), (0x3FF44038, 3), (0x3FF5A004, 0xC4010203), (0x3FF48074, 0), (0x12345678, 0)],
)
def test_known_registers(memory: AddressSpace, address: int, value: int) -> None:
    """virtual-kit-serial, "Registers esptool reads"."""
    assert memory.read(address) == value


def test_revision_3_bit(memory: AddressSpace) -> None:
    """virtual-kit-serial: "3FF6607C (bit 31: revision 3)"."""
    assert memory.read(0x3FF6607C) >> 31 == 1


def test_uart_divider_follows_the_rate(memory: AddressSpace) -> None:
    """virtual-kit-serial: "3FF40014 (UART divider = 40e6/baud)"."""
    memory.set_baud(115200)

    assert memory.read(0x3FF40014) == 347


def test_crystal_as_the_rom_calculates_it_is_40_mhz(memory: AddressSpace) -> None:
    calibration = memory.read(0x3FF5F06C) >> 7 & 0x1FFFFFF

    assert calibration * 15625 * (memory.read(0x3FF5A010) & 0xFF) / 40 == 40_000_000


def test_ram_keeps_what_is_loaded(memory: AddressSpace) -> None:
    assert memory.load(0x40080000, b"0123456789")
    assert memory.load(0x40080004, b"ab")

    assert memory.ram(0x40080002, 10) == b"23ab6789\0\0"
    assert memory.read(0x40080000) == int.from_bytes(b"0123", "little")


@pytest.mark.parametrize("address", [0, 0x3FF40000 - 0xA0000, 0x40000000, 0x400C1FFF, 0xFFFFFFFF])
def test_there_is_no_ram_elsewhere(memory: AddressSpace, address: int) -> None:
    assert not memory.load(address, b"four")


def test_stray_writes_take_bounded_memory(memory: AddressSpace) -> None:
    for address in range(0x60000000, 0x60010000, 4):
        memory.write(address, 1)

    assert len(memory._words) <= 1024
    assert memory.read(0x60000000) == 1


def test_read_at_the_end_of_ram(memory: AddressSpace) -> None:
    memory.load(0x400C1FFC, b"last")

    assert memory.ram(0x400C1FFC, 8) == b"last\0\0\0\0"
