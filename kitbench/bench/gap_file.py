"""What a stand-in says of itself while firmware runs on it: which features the firmware asked for and it lacks."""

import json
from pathlib import Path
from typing import Final

#: What is read of a file that may grow without end.
_READ_MOST: Final = 1 << 16


class GapFile:
    """A file of a virtual kit's (`kitbench virtual-kit --gaps`), read from where it was last forgotten.

    A kit runs its firmware as soon as that is flashed, before anybody has it in hand: so a test's gaps begin where
    those of the test before were forgotten, and not where the test begins.

    Args:
        path: of the file, which need not be there; None for a kit that is none of software, and lacks nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._began = 0

    def first(self) -> str:
        """Return the first feature that was asked for in vain, "" where there was none."""
        if self._path is None or not self._path.exists():
            return ""
        with self._path.open("rb") as file:
            file.seek(self._began)
            line, end, _ = file.read(_READ_MOST).partition(b"\n")
        return str(json.loads(line)["lacks"]) if end else ""

    def forget(self) -> None:
        """Forget what was asked for until now."""
        if self._path is not None and self._path.exists():
            self._began = self._path.stat().st_size
