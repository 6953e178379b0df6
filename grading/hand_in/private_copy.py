"""The private folder that a submission is copied to: names and sizes are judged here, while copying.

What cannot be kept is left out and listed, never the whole submission: a colon in a screenshot's name costs nobody a
point. Sizes are counted while reading; what an archive's headers claim is only ever a reason to leave out earlier.
"""

import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from ..judgement import one_line
from .decompression import DecompressionError
from .member_name import LeftOutError, member_parts, safe_parts

STAGE: Final = "unpack"
_CHUNK: Final = 256 << 10
#: What is listed by name.
_MOST_LISTED: Final = 12
#: What libraries raise while they unpack a member that is not what its header says.
DAMAGE: Final = (
    *(zipfile.BadZipFile, tarfile.TarError, NotImplementedError, *DecompressionError),
    # The libraries look at few fields before they reckon with them.
    *(ValueError, LookupError, ArithmeticError, struct.error),
)


@dataclass(frozen=True, slots=True)
class Limits:
    """What is kept of a submission, sizes in bytes: two dumps of 16 MB and two projects with an SDK each fit amply.

    `archive_size` and `unpacks_to` are of the whole archive, with all builds and films that are not kept.
    """

    files: int = 8000
    file_size: int = 32 << 20
    total_size: int = 128 << 20
    depth: int = 48
    archive_size: int = 512 << 20
    unpacks_to: int = 1 << 30


@dataclass(slots=True)
class PrivateCopy:
    """The private folder that a submission is copied to; counts what goes in, and lists what does not.

    Attributes:
        unread: what is packed in a way that is not read here, and why; "" for nothing.
        has_files: whether anything is there but archives that are not read.
    """

    folder: Path
    limits: Limits = field(default_factory=Limits)
    unread: str = ""
    has_files: bool = True
    _files: int = 0
    _size: int = 0
    _left_out: int = 0
    _listed: list[str] = field(default_factory=list)
    _seen: dict[str, str] = field(default_factory=dict)
    _passed_over: dict[str, None] = field(default_factory=dict)
    _said: dict[str, None] = field(default_factory=dict)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was left out, a line each."""
        over = list(self._passed_over)
        names = [*over[:_MOST_LISTED], *([f"{len(over) - _MOST_LISTED} more"] if over[_MOST_LISTED:] else [])]
        said = one_line(f"passed over, as a build makes it anew or nobody needs it: {', '.join(names)}")
        more = self._left_out - len(self._listed)
        return (
            *([said] if over else []),
            *self._said,
            *self._listed,
            *([f"left out: {more} more files"] if more else []),
        )

    @property
    def left_files(self) -> int:
        """How many files there is room for yet."""
        return max(self.limits.files - self._files, 0)

    @property
    def left_size(self) -> int:
        """How many bytes there is room for yet."""
        return max(self.limits.total_size - self._size, 0)

    def pass_over(self, folders: Iterable[str], below: str) -> None:
        """Remember folders that were passed over, in an archive that was unpacked into the folder `below`."""
        self._passed_over |= {below + name: None for name in folders}

    def find(self, name: str) -> Path | None:
        """Return where a member is that was copied, None where none of this name was."""
        try:
            path = self.folder.joinpath(*safe_parts(name, depth=self.limits.depth))
        except LeftOutError:
            return None
        return path if path.exists() else None

    def remark(self, text: str) -> None:
        """List what is to be said of a member that is kept."""
        if len(self._said) < _MOST_LISTED:
            self._said[one_line(text)] = None

    def say_folder(self, name: str, place: str) -> None:
        """Say, once for each folder, that what is in it is kept elsewhere than it says."""
        before, after = name.rpartition("/")[0], place.rpartition("/")[0]
        self.remark(f"taken for the folder {after[:100] or '.'!r}: {before[:100] or '/'!r}")

    def refuse(self, name: str, why: str) -> None:
        """List a member that may be what is missing, and that nobody here can read."""
        self.leave_out(name, why)
        self.unread = self.unread or one_line(f"{name}: {why}")

    def leave_out(self, name: str, why: str) -> None:
        """List a member that is not kept."""
        self._left_out += 1
        if len(self._listed) < _MOST_LISTED:
            self._listed.append(f"left out: {one_line(name)[:100]!r}: {why}")

    def add_folder(self, name: str) -> None:
        """Make a folder of the submission."""
        with self._listing(name):
            self._place(name, is_folder=True).mkdir(parents=True, exist_ok=True)

    def add_member(
        self, name: str, read: Callable[[], AbstractContextManager[BinaryIO]], *, claimed_size: int = 0
    ) -> None:
        """Copy one file of the submission from what `read` opens."""
        with self._listing(name):
            path = self._place(name)
            self._check_room(claimed_size)
            path.parent.mkdir(parents=True, exist_ok=True)
            with read() as source, path.open("xb") as target:
                try:
                    self._copy(source, target)
                except BaseException:
                    path.unlink()
                    raise

    def _check_room(self, claimed_size: int) -> None:
        if claimed_size > self.limits.file_size:
            raise LeftOutError(f"larger than {self.limits.file_size >> 20} MB")
        if self._size > self.limits.total_size:
            raise LeftOutError(f"the submission is larger than {self.limits.total_size >> 20} MB")
        self._files += 1
        if self._files > self.limits.files:
            raise LeftOutError(f"more than {self.limits.files} files")

    @contextmanager
    def _listing(self, name: str) -> Iterator[None]:
        try:
            yield
        except LeftOutError as error:
            self.leave_out(name, str(error))
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            self.leave_out(name, "the name stands for two things")
        except DAMAGE:
            self.leave_out(name, "damaged")

    def _copy(self, source: BinaryIO, target: BinaryIO) -> None:
        size = 0
        while chunk := source.read(_CHUNK):
            size += len(chunk)
            self._size += len(chunk)
            if size > self.limits.file_size:
                raise LeftOutError(f"larger than {self.limits.file_size >> 20} MB")
            if self._size > self.limits.total_size:
                raise LeftOutError(f"the submission is larger than {self.limits.total_size >> 20} MB")
            target.write(chunk)

    def _place(self, name: str, *, is_folder: bool = False) -> Path:
        """Return where `name` goes.

        Raises:
            LeftOutError: it is no name that every file system reads alike.
        """
        parts = safe_parts(name, depth=self.limits.depth, is_folder=is_folder)
        if parts != member_parts(name):
            self.say_folder(name, "/".join(parts) + "/" * is_folder)
        for count in range(1, len(parts) + 1):
            exact = "/".join(parts[:count])
            if self._seen.setdefault(exact.casefold(), exact) != exact:
                raise LeftOutError("two names differ in capital letters only")
        return self.folder.joinpath(*parts)
