"""The kit boots what was built."""

import re
from typing import Final

import pytest

from kitbench import FirmwareBuild, KitError, RunningKit

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("connects")]

ELF_SHA256: Final = re.compile(rb"ELF file SHA256:\s+([0-9a-f]{9,64})")


def test_kit_boots_the_app_that_was_built(running_kit: RunningKit, firmware: FirmwareBuild) -> None:
    """The kit boots the very app that was built and flashed: it prints the hash of its ELF, or its flash holds it."""
    running_kit.restart()  # esptool's own reset after flashing comes before the port has the console's rate again

    said = elf_sha256_in_boot_log(running_kit)

    if said:
        assert firmware.elf_sha256.startswith(said), "the kit runs another app than the one built"
    else:  # a project may log nothing
        is_there = running_kit.holds(firmware.app_offset, firmware.app.read_bytes())
        assert is_there, "the kit's flash does not hold the app that was built, and it prints no ELF file SHA256"


def elf_sha256_in_boot_log(kit: RunningKit) -> str:
    """Return the hash that the kit prints at boot, or part of it, "" where it prints none."""
    try:
        return kit.expect(ELF_SHA256, within_s=15, what="ELF file SHA256")[1].decode()
    except KitError:
        kit.check()  # one that crashes says why
        return ""
