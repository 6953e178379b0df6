"""Private folders of runs that were killed: they may hold a key, so the next run removes them."""

import os
import shutil
import stat
import time
from pathlib import Path
from typing import Final

#: Folders of runs, and of keys that the cloud made for them.
PREFIXES: Final = ("kitbench-run-", "kitbench-key-")
#: No run lasts so long, in seconds.
OLD_AFTER_S: Final = 12 * 3600.0


def remove_stale_folders(parent: Path, *, now: float | None = None) -> list[Path]:
    """Remove this user's folders of runs that ended long ago without cleaning up; return which.

    Links and other users' folders stay, and so does what cannot be removed.
    """
    limit = (time.time() if now is None else now) - OLD_AFTER_S
    stale = [folder for prefix in PREFIXES for folder in parent.glob(f"{prefix}*") if _is_stale(folder, limit)]
    for folder in stale:
        shutil.rmtree(folder, ignore_errors=True)
    return stale


def _is_stale(folder: Path, limit: float) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == os.getuid() and status.st_mtime < limit
