"""Copies a submission, folder or archive, into a private folder: plain files and folders only, within limits.

Whatever could reach outside, wait for ever or fill the disk is refused with the name of the member: links, devices,
FIFOs, absolute or climbing paths, names that another file system would read differently, and bombs. Sizes are counted
while reading; what an archive's headers claim is only ever a reason to refuse earlier.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from kitbench.errors import BenchError, KitError

from .archive import copy_archive
from .destination import LITTER, STAGE, Destination, Limits, refused


def unpack(source: Path, folder: Path, *, limits: Limits | None = None) -> Path:
    """Copy the submission at `source` into the empty `folder`; return where its files begin.

    Raises:
        KitError: it is missing, malformed, or holds something that is refused.
        BenchError: the disk refused.
    """
    destination = Destination(folder, limits or Limits())
    try:
        mode = source.lstat().st_mode
        if stat.S_ISDIR(mode):
            copy_folder(source, destination)
        elif stat.S_ISREG(mode):
            copy_archive(source, destination)
        else:
            raise KitError(f"{source.name} is neither a folder nor an archive", stage=STAGE)
    except (FileExistsError, NotADirectoryError, IsADirectoryError) as error:
        raise KitError("a name stands for two things in the submission", stage=STAGE) from error
    except OSError as error:
        raise BenchError(f"cannot unpack {source.name}: {error.strerror or error}", stage=STAGE) from error
    return _top(folder)


def copy_folder(source: Path, destination: Destination) -> None:
    """Copy a folder that a student handed in."""
    for directory, subfolders, files in os.walk(source, followlinks=False):
        here = Path(directory)
        subfolders[:] = sorted(name for name in subfolders if name not in LITTER)
        for name in subfolders:
            path = here / name
            if path.is_symlink():
                raise refused(path.relative_to(source).as_posix(), "a link")
            destination.add_folder(path.relative_to(source).as_posix())
        for name in sorted(files):
            _copy_file(here / name, (here / name).relative_to(source).as_posix(), destination)


def _copy_file(path: Path, name: str, destination: Destination) -> None:
    with _open_plain(path, name) as file:
        destination.add_file(name, file, claimed_size=os.fstat(file.fileno()).st_size)


@contextmanager
def _open_plain(path: Path, name: str) -> Iterator[BinaryIO]:
    """Open a plain file; the check is made on what was opened, and opening never waits for a FIFO's other end."""
    mode = path.lstat().st_mode
    if stat.S_ISLNK(mode):
        raise refused(name, "a link")
    if not stat.S_ISREG(mode):
        raise refused(name, "not a plain file")
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise refused(name, "not a plain file")
        yield file


def _top(folder: Path) -> Path:
    """Return the one folder that everything is in, as archivers make it, or the folder itself."""
    entries = list(folder.iterdir())
    if len(entries) == 1 and entries[0].is_dir() and not entries[0].name.startswith("project"):
        return entries[0]
    return folder


def remove(folder: Path) -> None:
    """Remove a private folder with whatever a build left in it; never raises."""
    shutil.rmtree(folder, ignore_errors=True)
