"""The new lines of files that other processes write: events and logs."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_AT_ONCE: Final = 1 << 20
_LONGEST: Final = 1 << 16


@dataclass(slots=True)
class LineTail:
    """Reads one file as it grows.

    Attributes:
        path: of the file, which may not be there yet.
    """

    path: Path
    _offset: int = 0
    _rest: bytes = field(default=b"", repr=False)

    def new_lines(self) -> list[str]:
        """Return the whole lines that were written since the last call, a megabyte at most."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._offset)
                data = file.read(_AT_ONCE)
        except FileNotFoundError:
            return []
        self._offset += len(data)
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-_LONGEST:]
        return [line.decode("utf-8", "replace") for line in lines]
