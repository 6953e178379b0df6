"""A project folder copied safely: regular files of bounded size and number, no links, nothing outside.

A student's project is data that somebody else wrote. What lands in the copy is all that a build may read.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from kitbench.errors import KitError, UsageError

#: What tools make and a build makes anew; never worth copying.
SKIPPED_FOLDERS: Final = frozenset({".git", ".svn", ".vscode", ".idea", "__pycache__", "build"})
#: What tells a build folder of another name: idf.py's, and one that `kitbench build` made.
_BUILD_MARKS: Final = (("CMakeCache.txt",), ("flasher_args.json", "project_description.json"))
SOURCE_SUFFIXES: Final = frozenset({".c", ".h", ".cc", ".cpp", ".hpp"})


@dataclass(frozen=True, slots=True)
class CopyLimits:
    """How large a project may be; the whole AWS SDK with its example has 150 files and 3 MB."""

    files: int = 4000
    file_size: int = 4 << 20
    total_size: int = 64 << 20
    depth: int = 24


def copy_project(
    source: Path,
    destination: Path,
    *,
    limits: CopyLimits = CopyLimits(),
    skipped: frozenset[str] = frozenset(),
) -> tuple[PurePosixPath, ...]:
    """Copy the project's files below `destination`, which is made; return their relative paths, sorted.

    File modes and owners are not kept: the copy belongs to this user alone. Folders named in `skipped` stay behind.

    Raises:
        UsageError: `source` is no folder.
        KitError: a link, a device, or more than the limits allow; stage ``"build"``.
    """
    if not source.is_dir():
        raise UsageError(f"project folder {str(source)!r} does not exist", stage="build")
    destination.mkdir(mode=0o700, parents=True, exist_ok=True)
    copied: list[PurePosixPath] = []
    total = 0
    for relative in _walk(source, PurePosixPath(), limits.depth, SKIPPED_FOLDERS | skipped):
        if len(copied) >= limits.files:
            raise _refuse(f"project has more than {limits.files} files")
        data = read_regular_file(source / relative, relative, limits.file_size)
        total += len(data)
        if total > limits.total_size:
            raise _refuse(f"project is larger than {limits.total_size} bytes")
        target = destination / relative
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.write_bytes(data)
        copied.append(relative)
    return tuple(sorted(copied))


def mentions(project: Path, text: bytes, *, limits: CopyLimits = CopyLimits()) -> bool:
    """Say whether one of a project's C files has a text; one that may not be read is said to have it."""
    try:
        return any(
            text in read_regular_file(project / relative, relative, limits.file_size)
            for relative in _walk(project, PurePosixPath(), limits.depth, SKIPPED_FOLDERS)
            if relative.suffix in SOURCE_SUFFIXES
        )
    except KitError:  # its build tells why
        return True


def _walk(folder: Path, relative: PurePosixPath, depth: int, skipped: frozenset[str]) -> Iterator[PurePosixPath]:
    if depth == 0:
        raise _refuse(f"folders are nested too deep at {str(relative)!r}")
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        raise _refuse(f"cannot read folder {str(relative)!r}: {error.strerror}") from error
    for entry in entries:
        path = relative / entry.name
        if entry.is_symlink():
            raise _refuse(f"{str(path)!r} is a symbolic link; put the file itself into the project")
        if not entry.is_dir(follow_symlinks=False):
            yield path
        elif entry.name not in skipped and not _is_build(folder / entry.name):
            yield from _walk(folder / entry.name, path, depth - 1, skipped)


def _is_build(folder: Path) -> bool:
    return any(all((folder / name).is_file() for name in names) for names in _BUILD_MARKS)


def read_regular_file(path: Path, shown: PurePosixPath, max_size: int) -> bytes:
    """Return the bytes of a regular file, which is opened without following links and read once.

    Raises:
        KitError: it is no regular file, too large, or not readable; the message names `shown`.
    """
    # O_NONBLOCK: opening a named pipe must not wait for a writer.
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
    except OSError as error:
        raise _refuse(f"cannot read {str(shown)!r}: {error.strerror}") from error
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _refuse(f"{str(shown)!r} is not a regular file")
        data = file.read(max_size + 1)
    if len(data) > max_size:
        raise _refuse(f"{str(shown)!r} is larger than {max_size} bytes")
    return data


def _refuse(message: str) -> KitError:
    return KitError(message, stage="build")
