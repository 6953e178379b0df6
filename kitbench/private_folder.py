"""Folders and files for their user alone: what may hold a private key, and is never committed."""

import contextlib
import os
from pathlib import Path


def make_private_folder(path: Path) -> None:
    """Make a folder that only its user can read, and that Git passes over.

    One that is there and not empty keeps its rights, as it may be anybody's: each private file in it has its own.

    Raises:
        OSError: it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # The mode of mkdir() is for the last folder of a path alone.
    path.mkdir(mode=0o700, exist_ok=True)
    if not any(path.iterdir()):
        path.chmod(0o700)
    with contextlib.suppress(FileExistsError), (path / ".gitignore").open("x", encoding="ascii") as file:
        file.write("*\n")


def write_private(path: Path, content: bytes) -> None:
    """Write a file as a whole; one that is made is for its user alone, one that is there keeps its rights.

    Raises:
        OSError: it cannot be written.
    """
    with os.fdopen(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)
