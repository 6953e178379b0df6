"""The ATECC608A over I2C, byte by byte."""

from kitbench.board.board_file import read_board
from kitbench.virtual_kit.atecc608a.bus import ChipBus
from kitbench.virtual_kit.atecc608a.chip_profile import Profile, make_chip
from kitbench.virtual_kit.atecc608a.packet import Command, Opcode
from kitbench.virtual_kit.board.i2c_bus import NotAcknowledgedError
from kitbench.virtual_kit.board.table import Table
from tests.kitbench.virtual_kit.board.test_i2c_bus import START, STOP, read, write

BUS = (27, 33)
WAKE = START + write(b"\0", blindly=True) + STOP
READ = START + write(b"\xc1") + read(7) + STOP


def table() -> Table:
    return Table(read_board(None), ChipBus(make_chip(Profile.TCUSTOM_LOCKED)))


def acknowledges(table: Table, script: bytes, wires: tuple[int, int] = BUS) -> bool:
    try:
        table.transfer(wires, script, 0)
    except NotAcknowledgedError:
        return False
    return True


def test_it_answers_once_it_was_woken() -> None:
    chip = table()
    assert not acknowledges(chip, READ)

    chip.transfer(BUS, WAKE, 0)
    assert chip.transfer(BUS, READ, 0)[:4] == bytes.fromhex("04113343")

    chip.transfer(BUS, START + write(b"\xc0\x03" + Command(Opcode.INFO, 0, 0).to_bytes()) + STOP, 0)
    assert chip.transfer(BUS, READ, 0)[:5] == bytes.fromhex("0700006002")


def test_it_sleeps_again_when_it_is_told() -> None:
    chip = table()
    chip.transfer(BUS, WAKE, 0)

    assert acknowledges(chip, START + write(b"\xc0\x01") + STOP)
    assert not acknowledges(chip, READ)


def test_at_other_wires_and_addresses_nobody_answers() -> None:
    chip = table()
    chip.transfer(BUS, WAKE, 0)

    assert not acknowledges(chip, READ, (33, 27))
    assert not acknowledges(chip, START + write(b"\xd5") + STOP)
    assert chip.has_secure_element(BUS, 0xC0)
    assert not chip.has_secure_element(BUS, 0x6A)
    assert not chip.has_secure_element((16, 17), 0xC0)
