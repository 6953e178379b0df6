"""One-time programming, and protection of reading and writing."""

import pytest

from kitbench.virtual_kit.hardware.efuse import BASE, REGISTER_SPACE, Efuses, mac_crc

MAC = bytes.fromhex("240ac4010203")
CONF, CMD = 0x0FC, 0x104
WRITE = {0: 0x1C, 1: 0x98, 2: 0xB8, 3: 0xD8}
READ = {0: 0x00, 1: 0x38, 2: 0x58, 3: 0x78}


def _burn(efuses: Efuses, block: int, word: int, value: int) -> None:
    efuses.write(WRITE[block] + 4 * word, value)
    efuses.write(CONF, 0x5A5A)
    efuses.write(CMD, 2)
    efuses.write(CONF, 0x5AA5)
    efuses.write(CMD, 1)


def test_factory_chip_has_its_mac_and_crc() -> None:
    efuses = Efuses(mac=MAC)

    assert efuses.mac == MAC
    assert efuses.read(8) == mac_crc(MAC) << 16 | 0x240A
    assert efuses.read(4) == 0xC4010203


def test_mac_crc_is_the_roms() -> None:
    """The polynomial is CRC-8/MAXIM's; test_against_espefuse has espefuse judge the whole."""
    assert mac_crc(bytes(6)) == 0
    assert mac_crc(b"\x01") == 0x5E  # CRC-8/MAXIM of one byte


def test_burnt_bits_stay_and_others_are_added() -> None:
    efuses = Efuses(mac=MAC)
    _burn(efuses, 3, 0, 0x0F)
    _burn(efuses, 3, 0, 0xF0)
    _burn(efuses, 3, 0, 0x00)

    assert efuses.read(READ[3]) == 0xFF


@pytest.mark.parametrize("scheme", [1, 2, 3])
def test_coding_scheme_is_never_burnt_and_its_neighbour_is(scheme: int) -> None:
    efuses = Efuses(mac=MAC)

    _burn(efuses, 0, 6, scheme | 1 << 2)

    assert efuses.read(READ[0] + 4 * 6) == 1 << 2


def test_nothing_is_burnt_without_the_magic_configuration() -> None:
    efuses = Efuses(mac=MAC)
    efuses.write(WRITE[3], 1)
    efuses.write(CONF, 0)
    efuses.write(CMD, 2)
    efuses.write(CONF, 0x5AA5)
    efuses.write(CMD, 1)

    assert efuses.read(READ[3]) == 0


def test_burn_shows_only_after_a_read_command() -> None:
    efuses = Efuses(mac=MAC)
    efuses.write(WRITE[1], 7)
    efuses.write(CONF, 0x5A5A)
    efuses.write(CMD, 2)
    assert efuses.read(READ[1]) == 0

    efuses.write(CONF, 0x5AA5)
    efuses.write(CMD, 1)

    assert efuses.read(READ[1]) == 7


@pytest.mark.parametrize(("block", "bit"), [(1, 16), (2, 17), (3, 18)])
def test_read_protected_block_reads_as_zero_but_keeps_its_fuses(block: int, bit: int) -> None:
    efuses = Efuses(mac=MAC)
    _burn(efuses, block, 0, 0xCAFE)
    assert efuses.read(READ[block]) == 0xCAFE

    _burn(efuses, 0, 0, 1 << bit)

    assert efuses.read(READ[block]) == 0
    assert (0xCAFE).to_bytes(4, "big") in efuses.to_file()


@pytest.mark.parametrize(("block", "bit"), [(1, 7), (2, 8), (3, 9)])
def test_write_protected_block_cannot_be_burnt(block: int, bit: int) -> None:
    efuses = Efuses(mac=MAC)
    _burn(efuses, 0, 0, 1 << bit)

    _burn(efuses, block, 0, 0xCAFE)

    assert efuses.read(READ[block]) == 0


@pytest.mark.parametrize(
    ("bit", "word", "value"),
    [
        (0, 0, 0x10000),
        (1, 0, 0x8000),
        (2, 0, 1 << 20),
        (3, 1, 1),
        (4, 4, 0x40),
        (6, 5, 1),
        (10, 6, 1 << 10),
        (14, 6, 1 << 6),
    ],
)
def test_write_protected_bits_of_block_0_cannot_be_burnt(bit: int, word: int, value: int) -> None:
    burnt, locked = Efuses(mac=bytes(6)), Efuses(mac=bytes(6))
    _burn(burnt, 0, word, value)
    _burn(locked, 0, 0, 1 << bit)

    _burn(locked, 0, word, value)

    assert burnt.read(4 * word) & value == value
    assert locked.read(4 * word) & value == 0


def test_read_protection_within_block_0_hides_nothing_of_other_blocks() -> None:
    efuses = Efuses(mac=MAC)
    for word in range(8):
        _burn(efuses, 3, word, 0xFFFFFFFF)
    _burn(efuses, 0, 5, 0xF0000000)  # FLASH_CRYPT_CONFIG
    assert efuses.read(4 * 5) >> 28 == 0xF

    _burn(efuses, 0, 0, 1 << 19)

    assert efuses.read(4 * 5) >> 28 == 0
    assert [efuses.read(READ[3] + 4 * word) for word in range(8)] == [0xFFFFFFFF] * 8


def test_read_registers_cannot_be_written() -> None:
    efuses = Efuses(mac=MAC)
    efuses.write(READ[3], 0x1234)

    assert efuses.read(READ[3]) == 0


@pytest.mark.parametrize(("count", "is_encrypted"), [(0, False), (0b1, True), (0b11, False), (0b1111111, True)])
def test_flash_is_encrypted_with_an_odd_count(count: int, is_encrypted: bool) -> None:  # noqa: FBT001 - a parameter
    efuses = Efuses(mac=MAC)
    _burn(efuses, 0, 0, count << 20)

    assert efuses.is_flash_encrypted is is_encrypted


def test_stored_fuses_come_back() -> None:
    efuses = Efuses(mac=MAC)
    _burn(efuses, 2, 7, 0x80000001)

    again = Efuses(efuses.to_file(), mac=bytes(6))

    assert again.to_file() == efuses.to_file()
    assert again.mac == MAC


def test_file_of_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="eFuse file is 3 bytes"):
        Efuses(bytes(3), mac=MAC)


def test_burn_is_reported_for_persistence() -> None:
    burns: list[int] = []
    efuses = Efuses(mac=MAC, on_burn=lambda: burns.append(1))

    _burn(efuses, 3, 0, 1)

    assert burns == [1]
    assert BASE % 0x1000 + REGISTER_SPACE == 0x120
