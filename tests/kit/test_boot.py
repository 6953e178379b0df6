"""The kit boots what was built."""

import re
from typing import Final

import pytest

from kitbench import FirmwareBuild, RunningKit

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("connects")]

ELF_SHA256: Final = re.compile(rb"ELF file SHA256:\s+([0-9a-f]{9,64})")


def test_kit_boots_the_app_that_was_built(running_kit: RunningKit, firmware: FirmwareBuild) -> None:
    """The kit boots the very app that was built and flashed: it prints the hash of its ELF."""
    running_kit.restart()  # esptool's own reset after flashing comes before the port has the console's rate again

    printed = running_kit.expect(ELF_SHA256, within_s=15, what="ELF file SHA256")

    assert firmware.elf_sha256.startswith(printed[1].decode()), "the kit runs another app than the one built"
