"""One owner per kit: a lock file for each port in the user's runtime directory.

The operating system lets go of the lock when its owner ends, however it ends; the file itself stays.
"""

import os
import re
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Final

from kitbench.errors import BenchError

#: The owner's process id stands before this place, which is what gets locked: Windows keeps others from reading it.
LOCKED_AT: Final = 64
NAME_LIMIT: Final = 100


def lock_folder() -> Path:
    """Return the folder of locks, made for this user alone.

    Raises:
        BenchError: it cannot be made, as where XDG_RUNTIME_DIR is another user's.
    """
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    owner = os.getuid() if sys.platform != "win32" else os.environ.get("USERNAME", "user")
    folder = Path(runtime) / "kitbench" if runtime else Path(tempfile.gettempdir()) / f"kitbench-{owner}"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        fix = "set XDG_RUNTIME_DIR to a folder of your own, or unset it"
        raise BenchError(f"no place for locks: {folder}: {error.strerror}", stage="kit", fix=fix) from error
    return folder


def lock_file(port: str, folder: Path) -> Path:
    """Return the lock file of a port; names that lead to the same device have the same one."""
    name = os.path.realpath(port) if os.path.exists(port) else port  # noqa: PTH110 - a port is a name, no path
    return folder / f"{re.sub(r'[^A-Za-z0-9.]+', '-', name).strip('-')[-NAME_LIMIT:]}.lock"


@contextmanager
def owned(port: str, folder: Path | None = None) -> Iterator[None]:
    """Own a port's kit.

    Raises:
        BenchError: another process owns it, or there is no place for locks.
    """
    path = lock_file(port, folder or lock_folder())
    try:
        file = path.open("a+", encoding="ascii", errors="replace")
    except OSError as error:
        raise BenchError(f"cannot lock {port}: {path}: {error.strerror}", stage="kit") from error
    with file:
        try:
            _lock(file)
        except OSError as error:
            owner = owner_of(path) or "unknown"
            raise BenchError(
                f"{port} is in use by process {owner}",
                stage="kit",
                fix="wait until it ends, or choose another kit with --kit",
            ) from error
        file.truncate(0)
        file.write(f"{os.getpid()}\n")
        file.flush()
        try:
            yield
        finally:
            file.truncate(0)


def owner_of(path: Path) -> int | None:
    """Return the process that wrote itself into a lock file, None when it names none."""
    with suppress(OSError, ValueError):
        return int(path.read_text(encoding="ascii")[:LOCKED_AT])
    return None


def current_owner(port: str, folder: Path | None = None) -> int | None:
    """Return the process that owns a port's kit now, None when it is free; changes nothing for its owner."""
    path = lock_file(port, folder or lock_folder())
    if not path.is_file():
        return None
    with path.open("a+", encoding="ascii") as file:
        try:
            _lock(file)
        except OSError:
            return owner_of(path) or 0
    return None


if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[str]) -> None:
        file.seek(LOCKED_AT)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:
    import fcntl

    def _lock(file: IO[str]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
