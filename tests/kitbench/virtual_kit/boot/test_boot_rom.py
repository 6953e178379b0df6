"""The ROM's texts at boot (device-facts, "Boot")."""

import pytest

from kitbench.virtual_kit.boot.boot_rom import Strap, banner, load_second_stage
from kitbench.virtual_kit.hardware.cpu_interface import ResetCause
from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.hardware.flash_image import FlashImage
from tests.kitbench.virtual_kit.chip_rig import MAC, make_bootloader, make_flash


def test_banner_of_power_on() -> None:
    """device-facts, "Boot"."""
    text = "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"

    assert banner(ResetCause.POWERON, Strap.FLASH) == text


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (ResetCause.SW_CPU, "rst:0xc (SW_CPU_RESET)"),
        (ResetCause.TG1WDT_SYS, "rst:0x8 (TG1WDT_SYS_RESET)"),
        (ResetCause.SW, "rst:0x3 (SW_RESET)"),
    ],
)
def test_reset_causes(cause: ResetCause, words: str) -> None:
    """device-facts: "esp_restart and panic: …; hang caught by the watchdog …; bootloader giving up …"."""
    assert words in banner(cause, Strap.FLASH)


def test_download_banner() -> None:
    """device-facts: "Download banner, straps 3"."""
    assert banner(ResetCause.POWERON, Strap.DOWNLOAD) == (
        "ets Jul 29 2019 12:21:46\r\n\r\n"
        "rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n"
    )


def test_good_boot_loader_is_loaded() -> None:
    """device-facts, "Boot": configsip to entry."""
    boot = load_second_stage(make_flash(), Efuses(mac=MAC))

    assert boot.is_loaded
    assert boot.text == (
        "configsip: 0, SPIWP:0xee\r\n"
        "clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00\r\n"
        "mode:DIO, clock div:2\r\n"
        "load:0x3fff0030,len:1024\r\n"
        "entry 0x4008064c\r\n"
    )


def test_corrupt_body_ends_in_the_command_interpreter() -> None:
    """device-facts: "`csum err:0x63!=0x9c` / `Falling back to built-in command interpreter.` / `OK` / `>`"."""
    image = bytearray(make_bootloader())
    image[100] ^= 0xFF

    boot = load_second_stage(make_flash(bootloader=bytes(image)), Efuses(mac=MAC))

    assert boot.text.endswith("csum err:0x10!=0xef\r\nFalling back to built-in command interpreter.\r\nOK\r\n>")
    assert not boot.is_loaded
    assert boot.next_reset is None


def test_cut_image_ends_in_the_command_interpreter() -> None:
    boot = load_second_stage(make_flash(bootloader=make_bootloader()[:28]), Efuses(mac=MAC))

    assert boot.text.endswith("Falling back to built-in command interpreter.\r\nOK\r\n>")


def test_empty_flash() -> None:
    """device-facts: "ROM strings for an empty flash: `invalid header: 0xffffffff`"."""
    boot = load_second_stage(FlashImage(), Efuses(mac=MAC))

    assert set(boot.text.split("\r\n")) == {"invalid header: 0xffffffff", ""}
    assert boot.next_reset is ResetCause.RTCWDT_RTC


def test_plaintext_does_not_boot_once_flash_encryption_is_on() -> None:
    efuses = Efuses(mac=MAC)
    efuses.write(0x1C, 1 << 20)
    efuses.write(0xFC, 0x5A5A)
    efuses.write(0x104, 2)

    boot = load_second_stage(make_flash(), efuses)

    assert not boot.is_loaded
    assert "invalid header: 0x" in boot.text
