"""What a stand-in says of itself while firmware runs on it: which features the firmware asked for and it lacks."""

import json
from pathlib import Path
from typing import Final, Protocol

from kitbench.board.door import Door

#: What is read of a file that may grow without end.
_READ_MOST: Final = 1 << 16


class Gaps(Protocol):
    """What a kit was found to lack since it was last forgotten."""

    def first(self) -> str:
        """Return the first feature that was asked for in vain, "" where there was none."""

    def forget(self) -> None:
        """Forget what was asked for until now."""


class GapsBehindDoor:
    """The gaps of a virtual kit that is lent to the run: those of earlier runs are none of it.

    Args:
        door: of the kit.

    Raises:
        BenchError: nobody answers there, also later on: who cannot be asked is not said to lack nothing.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._known = 0
        self.forget()

    def first(self) -> str:
        """Return the first feature that was asked for in vain, "" where there was none."""
        gaps, _ = self._door.gaps(self._known)
        return gaps[0] if gaps else ""

    def forget(self) -> None:
        """Forget what was asked for until now."""
        _, self._known = self._door.gaps(self._known)


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
