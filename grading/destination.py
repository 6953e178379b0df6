"""The private folder that a submission is copied to: names and sizes are judged here, while copying."""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from kitbench.errors import KitError

from .judgement import one_line

STAGE: Final = "unpack"
_CHUNK: Final = 256 << 10
#: What operating systems leave in folders and archives; skipped, never judged.
LITTER: Final = frozenset({"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", ".git"})


@dataclass(frozen=True, slots=True)
class Limits:
    """What a submission may hold, sizes in bytes: two dumps of 16 MB and two projects fit amply."""

    files: int = 3000
    file_size: int = 32 << 20
    total_size: int = 128 << 20
    depth: int = 16
    archive_size: int = 128 << 20


class Destination:
    """The private folder that a submission is copied to; counts what goes in."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.folder = folder
        self.limits = limits
        self._files = 0
        self._size = 0
        self._seen: dict[str, str] = {}

    def add_folder(self, name: str) -> None:
        """Make a folder of the submission."""
        path = self._place(name)
        if path is not None:
            path.mkdir(parents=True, exist_ok=True)

    def add_file(self, name: str, source: BinaryIO, *, claimed_size: int = 0) -> None:
        """Copy one file of the submission from `source`."""
        path = self._place(name)
        if path is None:
            return
        if claimed_size > self.limits.file_size:
            raise refused(name, f"larger than {self.limits.file_size >> 20} MB")
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("xb") as target:
            self._copy(source, target, name)

    def _copy(self, source: BinaryIO, target: BinaryIO, name: str) -> None:
        size = 0
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            self._size += len(chunk)
            if size > self.limits.file_size:
                raise refused(name, f"larger than {self.limits.file_size >> 20} MB")
            if self._size > self.limits.total_size:
                raise refused(name, f"the submission is larger than {self.limits.total_size >> 20} MB")
            target.write(chunk)

    def _place(self, name: str) -> Path | None:
        """Return where `name` goes, or None when it is litter.

        Raises:
            KitError: it would leave the folder, or is no name that every file system reads alike.
        """
        parts = safe_parts(name, depth=self.limits.depth)
        if not parts or LITTER.intersection(parts):
            return None
        self._files += 1
        if self._files > self.limits.files:
            raise refused(name, f"more than {self.limits.files} files")
        for count in range(1, len(parts) + 1):
            exact = "/".join(parts[:count])
            if self._seen.setdefault(exact.casefold(), exact) != exact:
                raise refused(name, "two names differ in capital letters only")
        return self.folder.joinpath(*parts)


def safe_parts(name: str, *, depth: int) -> tuple[str, ...]:
    """Return the parts of a member's path.

    Raises:
        KitError: it is absolute, climbs, is too long, or holds characters that some system gives a meaning.
    """
    parts = tuple(part for part in PurePosixPath(name).parts if part != ".")
    if name.startswith("/") or ".." in parts:
        raise refused(name, "the path leaves the submission")
    if len(parts) > depth or any(len(part.encode(errors="replace")) > 200 for part in parts):
        raise refused(name, "the path is too long")
    if any(_is_ambiguous(part) for part in parts):
        raise refused(name, "the name holds characters that have a meaning on some system")
    return parts


def refused(name: str, why: str) -> KitError:
    """Return the error that says why a member of a submission is refused."""
    return KitError(f"submission refused: {one_line(name)[:100]!r}: {why}", stage=STAGE)


def _is_ambiguous(part: str) -> bool:
    return not part.isprintable() or any(character in '\\:*?"<>|' for character in part) or part.endswith((".", " "))
