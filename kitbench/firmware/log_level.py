"""The log level that the bench builds with: what a class wants to see on the serial line must not be compiled out."""

import re
from pathlib import Path
from typing import Final

from kitbench.firmware.overlay import Overlay
from kitbench.firmware.sdkconfig import MAX_SIZE

#: In the order in which one wins over the next.
_FILES: Final = ("sdkconfig", "sdkconfig.defaults")
_LEVEL: Final = re.compile(r"CONFIG_LOG_DEFAULT_LEVEL_([A-Z]+)=y\s*")
_BELOW_INFO: Final = ("NONE", "ERROR", "WARN")


def informative(project: Path) -> Overlay:
    """Return what raises a project's log level to INFO where it is lower; a higher one is left alone."""
    if _level_of(project) not in _BELOW_INFO:
        return Overlay()
    return Overlay(kconfig={"LOG_DEFAULT_LEVEL_INFO": "y"})


def _level_of(project: Path) -> str:
    for name in _FILES:
        path = project / name
        if path.is_file() and path.stat().st_size <= MAX_SIZE:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
            levels = [match[1] for line in lines if (match := _LEVEL.fullmatch(line))]
            if levels:
                return levels[-1]
    return ""
