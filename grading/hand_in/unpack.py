"""Copies a submission, folder or archive, into a private folder: plain files and folders only, within limits.

What could reach outside, wait for ever or fill the disk is left out by name: devices, FIFOs, links that lead out. No
name leads out (`member_name`). Archives within are unpacked where they are.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, KitbenchError, KitError, UsageError

from .archive import ARCHIVE_SUFFIXES, PACKED_SUFFIXES, REPACK, Member, Members, archive_members
from .foreign_archive import FOREIGN_SUFFIXES
from .links import follow
from .member_name import member_parts
from .plain_file import open_plain
from .private_copy import DAMAGE, STAGE, Limits, PrivateCopy
from .selection import select

#: Archives within archives, and how many of them.
_DEEPEST: Final = 3
_MOST_WITHIN: Final = 24
_PROJECT: Final = "CMakeLists.txt"
#: A folder or file of a class folder that belongs to somebody else: a matter of the desk, and no fault of the student.
_CLOSED: Final = "whoever grades may not read it (see its permissions)"
_SUFFIXES: Final = (*ARCHIVE_SUFFIXES, *PACKED_SUFFIXES, *FOREIGN_SUFFIXES)


@dataclass(frozen=True, slots=True)
class Unpacked:
    """Where the files are now, and what is to be said of those that are not, or were unpacked twice.

    Attributes:
        unread: what is packed in a way that is not read here, and why: it may hold what is missing; "" for nothing.
    """

    folder: Path
    remarks: tuple[str, ...] = ()
    unread: str = ""


def unpack(source: Path, folder: Path, *, limits: Limits | None = None) -> Unpacked:
    """Copy the submission at `source` into the empty `folder`.

    Raises:
        KitError: it is missing, damaged, or unpacks to too much.
        UsageError: all of it is packed in a way that is not read here.
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
    if destination.unread and not destination.has_files:
        raise UsageError(destination.unread, stage=STAGE, fix=REPACK)
    return Unpacked(folder, (*within, *destination.remarks), destination.unread)


def _members(source: Path, limits: Limits) -> Members:
    mode = source.lstat().st_mode
    if stat.S_ISDIR(mode):
        if not os.access(source, os.R_OK | os.X_OK):
            raise BenchError(f"cannot unpack {source.name}: {_CLOSED}", stage=STAGE)
        return partial(_folder_members, source)
    if not stat.S_ISREG(mode):
        raise KitError(f"{source.name} is neither a folder nor an archive", stage=STAGE)
    return archive_members(source, largest=limits.archive_size, unpacks_to=limits.unpacks_to)


def _copy_members(members: Members, destination: PrivateCopy, *, below: str = "") -> None:
    """Copy all that is no litter and that there is room for; then what links within it name."""
    room = {"files": destination.left_files, "size": destination.left_size}
    chosen = select(members(), **room, largest=destination.limits.file_size)
    links: list[Member] = []
    for number, member in enumerate(members()):
        if number not in chosen.kept:
            continue
        inside = _inside(member.name)
        if inside != member.name:
            destination.say_folder(member.name, inside)
        if member.link:
            links.append(member)
        else:
            _copy_member(member, below + inside, destination)
    follow(links, destination, below)
    for name in chosen.repeated:
        destination.remark(f"{name[:100]!r} is packed several times: the last was taken")
    for name, why in chosen.crowded_out:
        destination.leave_out(below + name, why)
    destination.pass_over(chosen.passed_over, below)


def _inside(name: str) -> str:
    """Return a member's name from the top of its own archive, which may be in a folder: none leads out of that."""
    parts = member_parts(name)
    as_written = tuple(part for part in name.split("/") if part not in {"", "."})
    return "/".join(parts) if name.startswith("/") or parts != as_written else name


def _copy_member(member: Member, name: str, destination: PrivateCopy) -> None:
    if member.is_unread:
        destination.refuse(name, member.flaw)
    elif member.flaw:
        destination.leave_out(name, member.flaw)
    elif member.is_folder:
        destination.add_folder(name)
    elif member.open is not None:
        destination.add_member(name, member.open, claimed_size=member.size)


def _unpack_within(destination: PrivateCopy) -> tuple[str, ...]:
    """Unpack archives that are beside a project, not in it, each into a folder of its name; say so."""
    remarks: list[str] = []
    done: set[Path] = set()
    for _ in range(_DEEPEST):
        for path in [path for path in _archives_in(destination.folder) if path not in done][:_MOST_WITHIN]:
            done.add(path)
            shown = path.relative_to(destination.folder).as_posix()
            try:
                _copy_members(_members(path, destination.limits), destination, below=_place_of(path, destination))
                remarks.append(f"unpacked, too: {shown}")
                path.unlink()
            except UsageError as error:
                destination.refuse(shown, error.message)
            except KitbenchError as error:
                destination.leave_out(shown, error.message)
            except DAMAGE:
                destination.leave_out(shown, "damaged")
    destination.has_files = any(path not in done for path in _files_in(destination.folder))
    return tuple(remarks)


def _place_of(path: Path, destination: PrivateCopy) -> str:
    """Return the folder, relative and with its slash, that an archive goes into: a new one of its name."""
    suffixes = sorted(_SUFFIXES, key=len, reverse=True)
    name = path.name
    suffix = next(suffix for suffix in suffixes if name.lower().endswith(suffix))
    parent = path.parent.relative_to(destination.folder).as_posix()
    if suffix in PACKED_SUFFIXES:
        return f"{parent}/"
    stem = name[: -len(suffix)].rstrip(". ") or "archive"
    taken = (path.parent / stem).exists()
    return f"{parent}/{stem}{' (unpacked)' if taken else ''}/"


def _archives_in(folder: Path) -> list[Path]:
    return [path for path in _files_in(folder) if path.name.lower().endswith(_SUFFIXES)]


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
        closed = [name for name in subfolders if name not in links and not os.access(here / name, os.R_OK | os.X_OK)]
        for name in sorted(closed):
            yield Member((here / name).relative_to(source).as_posix(), flaw=_CLOSED, is_unread=True)
        subfolders[:] = sorted({*subfolders} - {*links, *closed})
        for name in subfolders:
            yield Member((here / name).relative_to(source).as_posix(), is_folder=True)
        for name in sorted([*links, *files]):
            yield _folder_member(here / name, (here / name).relative_to(source).as_posix())


def _folder_member(path: Path, name: str) -> Member:
    status = path.lstat()
    flaw, link = "", ""
    if stat.S_ISLNK(status.st_mode):
        link = path.readlink().as_posix()
    elif not stat.S_ISREG(status.st_mode):
        flaw = "not a plain file"
    elif not os.access(path, os.R_OK):
        return Member(name, flaw=_CLOSED, is_unread=True)
    return Member(name, status.st_size, flaw=flaw, open=partial(open_plain, path), link=link)


def remove(folder: Path) -> None:
    """Remove a private folder with whatever a build left in it; never raises."""
    shutil.rmtree(folder, ignore_errors=True)
