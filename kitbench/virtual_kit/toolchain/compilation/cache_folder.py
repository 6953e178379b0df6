"""Where things are kept that hold nothing of any project: the C library and the shims' objects."""

import os
import sys
from pathlib import Path


def cache_folder() -> Path:
    """Return this user's cache folder for the toolchain; it may not exist yet.

    `$XDG_CACHE_HOME/kitbench` where that is set, as on every Linux desktop; else the system's own place.
    """
    if configured := os.environ.get("XDG_CACHE_HOME"):
        return Path(configured) / "kitbench"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "kitbench"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "kitbench" / "cache"
    return Path.home() / ".cache" / "kitbench"
