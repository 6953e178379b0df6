"""Which flash a project is configured for, as far as its files say before it is built."""

import re
from pathlib import Path
from typing import Final

from kitbench.firmware.sdkconfig import MAX_SIZE

#: The kits' own, and of a project that does not say more.
USUAL: Final = "4MB"
#: In the order in which one wins over the next.
_FILES: Final = ("sdkconfig", "sdkconfig.defaults.esp32", "sdkconfig.defaults")
_CHOSEN: Final = re.compile(r"^CONFIG_ESPTOOLPY_FLASHSIZE_(\d+MB)=y\s*$", re.MULTILINE)
#: Larger than the kits' usual one.
_LARGER: Final = ("8MB", "16MB")


def kit_flash_size(project: Path) -> str:
    """Return the flash that a kit needs for a project: 4 MB, or more where it is configured for more."""
    for name in _FILES:
        path = project / name
        if path.is_file() and path.stat().st_size <= MAX_SIZE:
            chosen = _CHOSEN.findall(path.read_text(encoding="utf-8", errors="replace"))
            if chosen:
                return chosen[-1] if chosen[-1] in _LARGER else USUAL
    return USUAL


def flash_size_name(size: int) -> str:
    """Return the flash that a kit needs for a build of so many bytes, as esptool names it."""
    return next((name for name in _LARGER if int(name[:-2]) << 20 == size), USUAL)
