"""User commands to the flash chip."""

import pytest

from kitbench.virtual_kit.hardware.spi_controller import BASE, SpiController

CMD, ADDR, USR, USR2, MISO_DLEN, W0 = BASE, BASE + 4, BASE + 0x1C, BASE + 0x24, BASE + 0x2C, BASE + 0x80


def _run(spi: SpiController, command: int, bits: int, *, address: int = 0) -> int:
    spi.write(MISO_DLEN, bits - 1)
    spi.write(USR, 1 << 31 | 1 << 28)
    spi.write(USR2, 7 << 28 | command)
    spi.write(ADDR, address << 8)
    spi.write(W0, 0)
    spi.write(CMD, 1 << 18)
    assert spi.read(CMD) == 0
    return spi.read(W0)


@pytest.mark.parametrize(("size", "code"), [(0x200000, 0x15), (0x400000, 0x16), (0x1000000, 0x18)])
def test_jedec_id_tells_the_size(size: int, code: int) -> None:
    assert _run(SpiController(size), 0x9F, 24) == code << 16 | 0x40C8


def test_sfdp_signature() -> None:
    assert _run(SpiController(0x400000), 0x5A, 32) == int.from_bytes(b"SFDP", "little")
    assert _run(SpiController(0x400000), 0x5A, 8, address=5) == 1


@pytest.mark.parametrize(("command", "value"), [(0x05, 0), (0x35, 2), (0x15, 0x20), (0xAB, 0xFF)])
def test_status_registers(command: int, value: int) -> None:
    assert _run(SpiController(0x400000), command, 8) == value


def test_command_without_a_reply_leaves_the_data_register() -> None:
    spi = SpiController(0x400000)
    spi.write(W0, 0x1234)
    spi.write(USR, 1 << 31)
    spi.write(USR2, 7 << 28 | 0x66)
    spi.write(CMD, 1 << 18)

    assert spi.read(W0) == 0x1234


def _write_status(spi: SpiController, command: int, value: int, size: int) -> None:
    spi.write(BASE + 0x28, 8 * size - 1)
    spi.write(USR, 1 << 31 | 1 << 27)
    spi.write(USR2, 7 << 28 | command)
    spi.write(W0, value)
    spi.write(CMD, 1 << 18)


def test_status_registers_can_be_written_once_enabled() -> None:
    spi = SpiController(0x400000)
    _write_status(spi, 0x01, 0x0014, 2)
    assert _run(spi, 0x05, 8) == 0

    spi.write(USR, 1 << 31)
    spi.write(USR2, 7 << 28 | 0x06)
    spi.write(CMD, 1 << 18)
    _write_status(spi, 0x01, 0x0014, 2)

    assert (_run(spi, 0x05, 8), _run(spi, 0x35, 8)) == (0x14, 0)


def _enable_writing(spi: SpiController) -> None:
    spi.write(USR, 1 << 31)
    spi.write(USR2, 7 << 28 | 0x06)
    spi.write(CMD, 1 << 18)


def test_status_is_not_written_without_data() -> None:
    spi = SpiController(0x400000)
    _enable_writing(spi)
    spi.write(W0, 0x14)
    spi.write(USR, 1 << 31)
    spi.write(USR2, 7 << 28 | 0x01)
    spi.write(CMD, 1 << 18)

    assert _run(spi, 0x05, 8) == 0


@pytest.mark.parametrize(("command", "registers"), [(0x01, (0x14, 0x15, 0x20)), (0x31, (0, 0x14, 0x20))])
def test_write_reaches_no_register_beyond_its_own(command: int, registers: tuple[int, int, int]) -> None:
    spi = SpiController(0x400000)
    _enable_writing(spi)

    _write_status(spi, command, 0x161514, 3)

    assert tuple(_run(spi, read, 8) for read in (0x05, 0x35, 0x15)) == registers
