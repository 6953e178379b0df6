"""The eFuse controller: one-time programmable bits behind read and write registers.

Source: ESP32 Technical Reference Manual, chapter "eFuse Controller"; espefuse's table of fields
(`efuse_defs/esp32.yaml`). Only the coding scheme NONE is modelled: the fuses of another one cannot be burnt, and
espefuse, which reads back what it burns, says so.
"""

import struct
from collections.abc import Callable
from typing import Final

BASE: Final = 0x3FF5A000
#: Register space, and size of a stored file: espefuse's `--virt --path-efuse-file` reads the same layout.
REGISTER_SPACE: Final = 0x120

_CONF: Final = 0x0FC
_CMD: Final = 0x104
_CONF_WRITE: Final = 0x5A5A
_CONF_READ: Final = 0x5AA5
_CMD_READ: Final = 1
_CMD_WRITE: Final = 2

#: Block → (offset of its read registers, offset of its write registers, words).
_BLOCKS: Final = {0: (0x000, 0x01C, 7), 1: (0x038, 0x098, 8), 2: (0x058, 0x0B8, 8), 3: (0x078, 0x0D8, 8)}
#: Bit of RD_DIS → block that then reads as zero.
_READ_PROTECTED_BLOCKS: Final = {0: 1, 1: 2, 2: 3}
#: Bit of WR_DIS → block that then cannot be programmed.
_WRITE_PROTECTED_BLOCKS: Final = {7: 1, 8: 2, 9: 3}
#: Bit of WR_DIS → (word of block 0, bits of it that then cannot be programmed).
_WRITE_PROTECTED_BITS: Final = {
    0: ((0, 0x000F0000),),  # RD_DIS
    1: ((0, 0x0000FFFF),),  # WR_DIS
    2: ((0, 0x0FF00000),),  # FLASH_CRYPT_CNT, UART_DOWNLOAD_DIS
    3: ((1, 0xFFFFFFFF), (2, 0x00FFFFFF), (3, 0x0000000B), (5, 0x00C00000)),  # MAC, chip version, VOL_LEVEL_HP_INV
    4: ((4, 0x00001FFF),),  # CLK8M_FREQ, ADC_VREF
    5: ((4, 0x0001C000),),  # XPD_SDIO
    6: ((5, 0x000FFFFF),),  # SPI_PAD_CONFIG
    10: ((3, 0x00004000), (5, 0xF0000000), (6, 0x00000403)),  # coding scheme, FLASH_CRYPT_CONFIG, KEY_STATUS
    12: ((6, 1 << 4),),  # ABS_DONE_0
    13: ((6, 1 << 5),),  # ABS_DONE_1
    14: ((6, 1 << 6),),  # JTAG_DISABLE
    15: ((6, 0x00000384),),  # CONSOLE_DEBUG_DISABLE, DISABLE_DL_*
}
#: RD_DIS bit 3 hides these bits of block 0: (word, bits).
_READ_PROTECTED_BITS: Final = _WRITE_PROTECTED_BITS[10]

#: Bits of block 0 that no burn changes, since nothing here would follow from them: word → CODING_SCHEME.
_NEVER_BURNT: Final = {6: 0x3}

_CRC8_POLYNOMIAL: Final = 0x8C


class Efuses:
    """The fuses of one chip and the registers that show and program them.

    Args:
        registers: a stored register space (see `to_file`), or None for a chip fresh from the factory.
        mac: factory MAC address for a fresh chip.
        on_burn: is called after each burn, for persistence.
    """

    def __init__(
        self, registers: bytes | None = None, *, mac: bytes, on_burn: Callable[[], None] | None = None
    ) -> None:
        stored = bytes(REGISTER_SPACE) if registers is None else registers
        if len(stored) != REGISTER_SPACE:
            raise ValueError(f"eFuse file is {len(stored)} bytes, expected {REGISTER_SPACE}")
        words = list(struct.unpack(f"<{REGISTER_SPACE // 4}I", stored[::-1]))
        self._fuses: dict[int, list[int]] = {
            block: words[read // 4 : read // 4 + count] for block, (read, _, count) in _BLOCKS.items()
        }
        self._registers = dict.fromkeys(range(0, REGISTER_SPACE, 4), 0)
        self._on_burn = on_burn
        if registers is None or not any(stored):
            self._fuses[0] = _factory_words(mac)
        self._refresh()

    @property
    def mac(self) -> bytes:
        """The factory MAC address, six bytes in the order in which it is written."""
        low, high = self._fuses[0][1:3]
        return (((high & 0xFFFF) << 32) | low).to_bytes(6, "big")

    @property
    def is_flash_encrypted(self) -> bool:
        """Whether FLASH_CRYPT_CNT has an odd number of bits set."""
        return ((self._fuses[0][0] >> 20) & 0x7F).bit_count() % 2 == 1

    @property
    def is_uart_download_disabled(self) -> bool:
        """Whether UART_DOWNLOAD_DIS is burnt: then no strap leads into download mode."""
        return bool(self._fuses[0][0] >> 27 & 1)

    @property
    def is_download_encryption_disabled(self) -> bool:
        """Whether DISABLE_DL_ENCRYPT is burnt."""
        return bool(self._fuses[0][6] >> 7 & 1)

    def read(self, offset: int) -> int:
        """Return the register at `offset` from `BASE`."""
        return self._registers.get(offset, 0)

    def write(self, offset: int, value: int) -> None:
        """Write a register; the command register acts at once and reads zero again."""
        is_read_only = any(read <= offset < read + 4 * count for read, _, count in _BLOCKS.values())
        if offset not in self._registers or is_read_only:
            return
        if offset != _CMD:
            self._registers[offset] = value
        elif value == _CMD_WRITE and self._registers[_CONF] == _CONF_WRITE:
            self._burn()
        elif value == _CMD_READ and self._registers[_CONF] == _CONF_READ:
            self._refresh()

    def to_file(self) -> bytes:
        """Return the fuses, read protection not applied, in the layout of espefuse's virtual eFuse file."""
        words = [0] * (REGISTER_SPACE // 4)
        for block, (read, _, count) in _BLOCKS.items():
            words[read // 4 : read // 4 + count] = self._fuses[block]
        return struct.pack(f"<{len(words)}I", *words)[::-1]

    def _burn(self) -> None:
        # WR_DIS as it stood before this burn decides, as in the chip: a block and its protection go in one command.
        write_disable = self._fuses[0][0]
        for block, (_, first, count) in _BLOCKS.items():
            locked = any(write_disable >> bit & 1 for bit, b in _WRITE_PROTECTED_BLOCKS.items() if b == block)
            for index in range(count):
                value = self._registers[first + 4 * index]
                self._registers[first + 4 * index] = 0
                if not locked:
                    self._fuses[block][index] |= value & ~_write_protected_bits(write_disable, block, index)
        if self._on_burn is not None:
            self._on_burn()

    def _refresh(self) -> None:
        """Copy the fuses to the read registers, protected ones as zero."""
        read_disable = self._fuses[0][0] >> 16
        for block, (first, _, count) in _BLOCKS.items():
            hidden = any(read_disable >> bit & 1 for bit, b in _READ_PROTECTED_BLOCKS.items() if b == block)
            for index in range(count):
                mask = 0 if hidden else ~_read_protected_bits(read_disable, block, index)
                self._registers[first + 4 * index] = self._fuses[block][index] & mask


def _write_protected_bits(write_disable: int, block: int, word: int) -> int:
    if block != 0:
        return 0
    mask = _NEVER_BURNT.get(word, 0)
    for bit, fields in _WRITE_PROTECTED_BITS.items():
        if write_disable >> bit & 1:
            mask |= sum(bits for field_word, bits in fields if field_word == word)
    return mask


def _read_protected_bits(read_disable: int, block: int, word: int) -> int:
    if block != 0 or not read_disable >> 3 & 1:
        return 0
    return sum(bits for field_word, bits in _READ_PROTECTED_BITS if field_word == word)


def _factory_words(mac: bytes) -> list[int]:
    """Return block 0 of an ESP32-D0WD-V3, revision 3.1, with calibration values as such chips carry."""
    address = int.from_bytes(mac, "big")
    return [
        0,
        address & 0xFFFFFFFF,
        address >> 32 | mac_crc(mac) << 16,
        1 << 15 | 1 << 13 | 1 << 9,  # CHIP_VER_REV1, CHIP_CPU_FREQ_RATED, CHIP_PACKAGE D0WD
        0x14 << 8 | CK8M_FREQUENCY,  # ADC_VREF, CLK8M_FREQ
        1 << 24 | 1 << 20,  # WAFER_VERSION_MINOR, CHIP_VER_REV2
        0,
    ]


#: CLK8M_FREQ: with RTC_CALI_VALUE of the address space it makes the ROM's idea of the crystal 40 MHz exactly.
CK8M_FREQUENCY: Final = 50


def mac_crc(mac: bytes) -> int:
    """Return the CRC-8 that stands beside the MAC address (esp_crc8 of the ROM)."""
    crc = 0
    for byte in mac:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (_CRC8_POLYNOMIAL if crc & 1 else 0)
    return crc
