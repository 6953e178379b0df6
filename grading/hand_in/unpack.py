"""Copies a submission, folder or archive, into a private folder: plain files and folders only, within limits.

What could reach outside, wait for ever or fill the disk is left out by name: links, devices, FIFOs, absolute or
climbing paths, names that another file system would read differently. Archives within are unpacked where they lie.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final

from kitbench.errors import BenchError, KitbenchError, KitError, UsageError

from .archive import ARCHIVE_SUFFIXES, PACKED_SUFFIXES, Member, Members, archive_members
from .litter import Litter
from .private_copy import DAMAGE, STAGE, Limits, PrivateCopy, member_parts

#: Archives within archives, and how many of them.
_DEEPEST: Final = 3
_MOST_WITHIN: Final = 24
_PROJECT: Final = "CMakeLists.txt"
#: Pictures, videos, papers and what compilers make come last, should there be more than there is room for.
_EXTRA: Final = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".gif", ".heic", ".mp4", ".mov", ".avi", ".mkv", ".webm", ".pdf", ".docx", ".pptx"),
        *(".o", ".obj", ".a", ".elf", ".map", ".d", ".log", ".exe", ".dll", ".so", ".pyc", ".whl", ".jar"),
    }
)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Where the files are now, and what is to be said of those that are not, or were unpacked twice."""

    folder: Path
    remarks: tuple[str, ...] = ()


def unpack(source: Path, folder: Path, *, limits: Limits | None = None) -> Unpacked:
    """Copy the submission at `source` into the empty `folder`.

    Raises:
        KitError: it is missing, damaged, or unpacks to too much.
        UsageError: it is packed in a way that is not read here.
        BenchError: the disk refused.
    """
    destination = PrivateCopy(folder, limits or Limits())
    try:
        _copy_members(_members(source, destination.limits), destination)
        within = _unpack_within(destination)
    except DAMAGE as error:
        raise KitError(f"{source.name} is damaged", stage=STAGE) from error
    except OSError as error:
        if error.errno is None:  # gzip and bz2 report damage so
            raise KitError(f"{source.name} is damaged", stage=STAGE) from error
        raise BenchError(f"cannot unpack {source.name}: {error.strerror or error}", stage=STAGE) from error
    return Unpacked(folder, (*within, *destination.remarks))


def _members(source: Path, limits: Limits) -> Members:
    mode = source.lstat().st_mode
    if stat.S_ISDIR(mode):
        return partial(_folder_members, source)
    if not stat.S_ISREG(mode):
        raise KitError(f"{source.name} is neither a folder nor an archive", stage=STAGE)
    return archive_members(source, largest=limits.archive_size, unpacks_to=limits.unpacks_to)


def _copy_members(members: Members, destination: PrivateCopy, *, below: str = "") -> None:
    """Copy all that is no litter; what a grade may depend on first."""
    litter = Litter(member_parts(member.name) for member in members())
    for is_extra in (False, True):
        for member in members():
            parts = member_parts(member.name)
            if not parts:
                continue  # the folder itself
            if (PurePosixPath(member.name).suffix.lower() in _EXTRA) is is_extra and not litter.holds(parts):
                _copy_member(member, below + member.name, destination)
    destination.pass_over(litter, below)


def _copy_member(member: Member, name: str, destination: PrivateCopy) -> None:
    if member.flaw:
        destination.leave_out(name, member.flaw)
    elif member.is_folder:
        destination.add_folder(name)
    elif member.open is not None:
        destination.add_member(name, member.open, claimed_size=member.size)


def _unpack_within(destination: PrivateCopy) -> tuple[str, ...]:
    """Unpack archives that lie beside a project, not in it, each into a folder of its name; say so."""
    remarks: list[str] = []
    done: set[Path] = set()
    unread: KitbenchError | None = None
    for _ in range(_DEEPEST):
        for path in [path for path in _archives_in(destination.folder) if path not in done][:_MOST_WITHIN]:
            done.add(path)
            shown = path.relative_to(destination.folder).as_posix()
            try:
                _copy_members(_members(path, destination.limits), destination, below=_place_of(path, destination))
                remarks.append(f"unpacked, too: {shown}")
                path.unlink()
            except KitbenchError as error:
                unread = error
                destination.leave_out(shown, error.message)
            except DAMAGE:
                destination.leave_out(shown, "damaged")
    if isinstance(unread, UsageError) and not any(path not in done for path in _files_in(destination.folder)):
        raise unread
    return tuple(remarks)


def _place_of(path: Path, destination: PrivateCopy) -> str:
    """Return the folder, relative and with its slash, that an archive goes into: a new one of its name."""
    suffixes = sorted((*ARCHIVE_SUFFIXES, *PACKED_SUFFIXES), key=len, reverse=True)
    name = path.name
    suffix = next(suffix for suffix in suffixes if name.lower().endswith(suffix))
    parent = path.parent.relative_to(destination.folder).as_posix()
    if suffix in PACKED_SUFFIXES:
        return f"{parent}/"
    stem = name[: -len(suffix)].rstrip(". ") or "archive"
    taken = (path.parent / stem).exists()
    return f"{parent}/{stem}{' (unpacked)' if taken else ''}/"


def _archives_in(folder: Path) -> list[Path]:
    return [path for path in _files_in(folder) if path.name.lower().endswith((*ARCHIVE_SUFFIXES, *PACKED_SUFFIXES))]


def _files_in(folder: Path) -> list[Path]:
    """Return all files outside of projects."""
    found: list[Path] = []
    for directory, subfolders, files in os.walk(folder):
        subfolders.sort()
        if _PROJECT in files:
            subfolders.clear()
        found += [Path(directory) / name for name in sorted(files)]
    return found


def _folder_members(source: Path) -> Iterator[Member]:
    """Go through a folder that a student handed in."""
    for directory, subfolders, files in os.walk(source, followlinks=False):
        here = Path(directory)
        links = [name for name in subfolders if (here / name).is_symlink()]
        subfolders[:] = sorted(name for name in subfolders if name not in links)
        for name in subfolders:
            yield Member((here / name).relative_to(source).as_posix(), is_folder=True)
        for name in sorted([*links, *files]):
            yield _folder_member(here / name, (here / name).relative_to(source).as_posix())


def _folder_member(path: Path, name: str) -> Member:
    status = path.lstat()
    flaw = ""
    if stat.S_ISLNK(status.st_mode):
        flaw = "a link"
    elif not stat.S_ISREG(status.st_mode):
        flaw = "not a plain file"
    return Member(name, status.st_size, flaw=flaw, open=partial(_open_plain, path))


@contextmanager
def _open_plain(path: Path) -> Iterator[BinaryIO]:
    """Open a plain file; the check is made on what was opened, and opening never waits for a FIFO's other end."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise EOFError(f"{path.name} is no plain file any more")
        yield file


def remove(folder: Path) -> None:
    """Remove a private folder with whatever a build left in it; never raises."""
    shutil.rmtree(folder, ignore_errors=True)
