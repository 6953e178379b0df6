"""What the ESP32's ROM prints and does between the rise of EN and the second-stage boot loader.

Source: texts recorded from the ROM of revision 3; image format of ESP-IDF, API guides, "App Image Format".
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final

from kitbench.flash_format import app_image
from kitbench.virtual_kit.hardware.cpu_interface import ResetCause
from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.hardware.flash_image import FlashImage

BOOTLOADER_OFFSET: Final = 0x1000
#: The ROM loads the second stage into RAM; nothing of this size fits there, so no more is read.
_MAX_BOOTLOADER_SIZE: Final = 0x20000

_BANNER: Final = "ets Jul 29 2019 12:21:46\r\n\r\n"
_WAITING: Final = "waiting for download\r\n"
_PINS: Final = "clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00\r\n"
_COMMAND_INTERPRETER: Final = "Falling back to built-in command interpreter.\r\nOK\r\n>"
_FLASH_MODES: Final = {0: "QIO", 1: "QOUT", 2: "DIO", 3: "DOUT"}
#: Clock divider by the speed code of the image header (esp_image_spi_freq_t: 40, 26, 20, 80 MHz).
_CLOCK_DIVIDERS: Final = {0x0: 2, 0x1: 3, 0x2: 4, 0xF: 1}
#: The ROM tries again until its watchdog bites.
_INVALID_HEADER_LINES: Final = 8


class Strap(Enum):
    """Value of GPIO_STRAP that EN's rise latched, and the ROM's words for it."""

    DOWNLOAD = (0x03, "DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2)")
    FLASH = (0x13, "SPI_FAST_FLASH_BOOT")

    @property
    def register(self) -> int:
        """GPIO_STRAP."""
        return self.value[0]


@dataclass(frozen=True, slots=True)
class RomBoot:
    """What the boot ROM decided.

    Attributes:
        text: what UART0 says.
        is_loaded: whether the second stage runs now.
        next_reset: the watchdog's reset that follows, or None where the ROM stays in its command interpreter.
    """

    text: str
    is_loaded: bool = False
    next_reset: ResetCause | None = None


def banner(cause: ResetCause, strap: Strap) -> str:
    """Return the lines that follow a reset."""
    cause_code, cause_name = cause.value
    code, name = strap.value
    text = f"{_BANNER}rst:{cause_code:#x} ({cause_name}),boot:{code:#x} ({name})\r\n"
    return text + _WAITING if strap is Strap.DOWNLOAD else text


def load_second_stage(flash: FlashImage, efuses: Efuses) -> RomBoot:
    """Check the boot loader at 0x1000 as the ROM does and act its loading."""
    data = flash.read(BOOTLOADER_OFFSET, min(_MAX_BOOTLOADER_SIZE, flash.size - BOOTLOADER_OFFSET))
    header = int.from_bytes(data[:4], "little")
    if efuses.is_flash_encrypted:
        # The ROM decrypts what nobody encrypted: plaintext becomes noise. The cipher itself is not modelled.
        return _invalid_header(header ^ 0xA5A5A5A5)
    if data[0] != app_image.IMAGE_MAGIC:
        return _invalid_header(header)
    mode, speed = data[2], data[3] & 0xF
    text = f"configsip: 0, SPIWP:0xee\r\n{_PINS}"
    text += f"mode:{_FLASH_MODES.get(mode, 'DIO')}, clock div:{_CLOCK_DIVIDERS.get(speed, 2)}\r\n"
    try:
        image = app_image.parse(data)
    except app_image.AppImageError:
        return RomBoot(f"{text}{_COMMAND_INTERPRETER}")
    text += "".join(f"load:0x{part.load_address:08x},len:{len(part.data)}\r\n" for part in image.segments)
    if not image.checksum_ok:
        wrong = f"csum err:{image.checksum_calculated:#04x}!={image.checksum_stored:#04x}\r\n"
        return RomBoot(f"{text}{wrong}{_COMMAND_INTERPRETER}")
    return RomBoot(f"{text}entry 0x{image.entry:08x}\r\n", is_loaded=True)


def _invalid_header(header: int) -> RomBoot:
    return RomBoot(f"invalid header: 0x{header:08x}\r\n" * _INVALID_HEADER_LINES, next_reset=ResetCause.RTCWDT_RTC)
