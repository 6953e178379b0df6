"""What READ_REG and WRITE_REG reach: eFuses, the SPI controller, a few constants, RAM.

Source: ESP32 Technical Reference Manual, "System and Memory"; the addresses are those esptool and espefuse touch.
"""

from typing import Final

from kitbench.virtual_kit.hardware import efuse
from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.hardware.spi_controller import SpiController

#: Where ROM loader and stub may load code and data: (first, end).
RAM_RANGES: Final = ((0x3FFAE000, 0x40000000), (0x40070000, 0x400C2000), (0x50000000, 0x50002000))
GPIO_STRAP: Final = 0x3FF44038
UART_CLOCK_DIVIDER: Final = 0x3FF40014
_XTAL_HZ: Final = 40_000_000

_CONSTANTS: Final = {
    0x40001000: 0x00F01D83,  # a word of the ROM that tells the chip apart
    0x3FF6607C: 0x96042000 | 1 << 31,  # APB_CTRL_DATE; bit 31: chip version bit 2, revision 3
    # RTC_CALI_VALUE << 7: 2048 * 15625 * CLK8M_FREQ (50) / 40 = 40 MHz, so that rates need no correction
    0x3FF5F06C: 2048 << 7,
    0x3FF48074: 0,  # RTC_CNTL_SDIO_CONF: the flash voltage is set by the strapping pin
}
#: Words that a client may have written beside RAM; more are forgotten, so that memory stays bounded.
_MAX_STRAY_WORDS: Final = 1024


class AddressSpace:
    """Memory-mapped world of the chip while a loader runs; a reset makes a new one.

    Args:
        strap: value of GPIO_STRAP, sampled when EN rose.
    """

    def __init__(self, efuses: Efuses, spi: SpiController, *, strap: int) -> None:
        self._efuses = efuses
        self._spi = spi
        self._constants = _CONSTANTS | {GPIO_STRAP: strap}
        self._ram: dict[int, bytearray] = {}
        self._words: dict[int, int] = {}

    def set_baud(self, baud: int) -> None:
        """Show the UART's rate in its clock divider (integer part)."""
        self._constants[UART_CLOCK_DIVIDER] = _XTAL_HZ // max(baud, 1)

    def read(self, address: int) -> int:
        """Return the word at `address`; what is not modelled reads as zero."""
        if efuse.BASE <= address < efuse.BASE + efuse.REGISTER_SPACE:
            return self._efuses.read(address - efuse.BASE)
        if address in self._spi:
            return self._spi.read(address)
        if address in self._words:
            return self._words[address]
        return self._constants.get(address, int.from_bytes(self.ram(address, 4), "little"))

    def write(self, address: int, value: int, mask: int = 0xFFFFFFFF) -> None:
        """Write the bits of `mask`."""
        value = (value & mask) | (self.read(address) & ~mask & 0xFFFFFFFF if mask != 0xFFFFFFFF else 0)
        if efuse.BASE <= address < efuse.BASE + efuse.REGISTER_SPACE:
            self._efuses.write(address - efuse.BASE, value)
        elif address in self._spi:
            self._spi.write(address, value)
        elif address in self._words or len(self._words) < _MAX_STRAY_WORDS:
            self._words[address] = value

    def load(self, address: int, data: bytes) -> bool:
        """Put a block of MEM_DATA into RAM; say whether there is RAM at all."""
        for first, end in RAM_RANGES:
            if first <= address and address + len(data) <= end:
                memory = self._ram.setdefault(first, bytearray(end - first))
                memory[address - first : address - first + len(data)] = data
                return True
        return False

    def ram(self, address: int, size: int) -> bytes:
        """Return RAM as it was loaded, zero where nothing was and where there is none."""
        for first, memory in self._ram.items():
            if first <= address < first + len(memory):
                return bytes(memory[address - first : address - first + size]).ljust(size, b"\0")
        return bytes(size)
