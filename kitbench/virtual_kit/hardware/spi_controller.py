"""SPI1, as far as esptool drives it by hand: user commands to the flash chip.

Source: ESP32 Technical Reference Manual, chapter "SPI Controller"; JEDEC JESD216 for SFDP.
"""

from typing import Final

BASE: Final = 0x3FF42000
_CMD: Final = BASE + 0x00
_ADDR: Final = BASE + 0x04
_USR: Final = BASE + 0x1C
_USR1: Final = BASE + 0x20
_USR2: Final = BASE + 0x24
_MOSI_DLEN: Final = BASE + 0x28
_MISO_DLEN: Final = BASE + 0x2C
_W0: Final = BASE + 0x80
_REGISTERS: Final = frozenset({_CMD, _ADDR, _USR, _USR1, _USR2, _MOSI_DLEN, _MISO_DLEN}) | frozenset(
    range(_W0, _W0 + 0x40, 4)
)

_CMD_USR: Final = 1 << 18
_USR_MISO: Final = 1 << 28
_USR_MOSI: Final = 1 << 27

#: Manufacturer and memory type of GigaDevice GD25Q; the third byte is the binary logarithm of the size.
_JEDEC_ID: Final = b"\xc8\x40"
#: SFDP header: signature, revision 1.0, one parameter header.
_SFDP: Final = b"SFDP\x00\x01\x00\xff"
#: Status registers 1, 2, 3 as delivered: idle, quad enable set, driver strength.
_STATUS: Final = (0x00, 0x02, 0x20)
#: Command → status register that it reads, and that it writes; the first writes its successor along with itself.
_READ_STATUS: Final = {0x05: 0, 0x35: 1, 0x15: 2}
_WRITE_STATUS: Final = {0x01: 0, 0x31: 1, 0x11: 2}
_WRITE_ENABLES: Final = frozenset({0x06, 0x50})
_RDID: Final = 0x9F
_RDSFDP: Final = 0x5A


class SpiController:
    """Registers of SPI1 and the answers of the flash chip to the commands that esptool sends through them."""

    def __init__(self, flash_size: int) -> None:
        self._flash_size = flash_size
        self._registers = dict.fromkeys(_REGISTERS, 0)
        self._status = list(_STATUS)
        self._is_write_enabled = False

    def __contains__(self, address: int) -> bool:
        return address in self._registers

    def read(self, address: int) -> int:
        """Return a register."""
        return self._registers[address]

    def write(self, address: int, value: int) -> None:
        """Write a register; a user command runs at once and its bit reads zero again."""
        if address != _CMD:
            self._registers[address] = value
        elif value & _CMD_USR:
            self._run(self._registers[_USR2] & 0xFF)

    def _run(self, command: int) -> None:
        """Do what the command does in the flash chip, and shift out its answer where one is asked for."""
        if command in _WRITE_ENABLES:
            self._is_write_enabled = True
        elif command in _WRITE_STATUS and self._is_write_enabled and self._registers[_USR] & _USR_MOSI:
            size = min((self._registers[_MOSI_DLEN] + 1) // 8, 2 if command == 0x01 else 1)
            data = self._registers[_W0].to_bytes(4, "little")[:size]
            self._status[_WRITE_STATUS[command] : _WRITE_STATUS[command] + size] = data
            self._is_write_enabled = False
        if self._registers[_USR] & _USR_MISO:
            bits = (self._registers[_MISO_DLEN] & 0xFFFFFF) + 1
            answer = self._answer(command)
            self._registers[_W0] = int.from_bytes(answer[:4], "little") & ((1 << min(bits, 32)) - 1)

    def _answer(self, command: int) -> bytes:
        """Return what the flash chip shifts out; an unknown command leaves the line high."""
        if command == _RDID:
            return _JEDEC_ID + bytes([self._flash_size.bit_length() - 1])
        if command == _RDSFDP:
            address = self._registers[_ADDR] >> 8
            return _SFDP[address : address + 4].ljust(4, b"\xff")
        if command in _READ_STATUS:
            return bytes([self._status[_READ_STATUS[command]]]).ljust(4, b"\xff")
        return b"\xff" * 4
