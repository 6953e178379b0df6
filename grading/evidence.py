"""Copies a run's evidence into the results: text and pictures only, bounded, and without private keys."""

import re
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

TEXT: Final = frozenset({".log", ".txt", ".json", ".jsonl"})
PICTURES: Final = frozenset({".png", ".svg"})
LARGEST_TEXT: Final = 2 << 20
LARGEST_PICTURE: Final = 8 << 20
MOST_FILES: Final = 200
_KEY_BEGINS: Final = re.compile(rb"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----")
_KEY_ENDS: Final = re.compile(rb"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY-----")
_LONGEST_KEY: Final = 8192


def copy_evidence(source: Path, target: Path) -> tuple[str, ...]:
    """Copy what may be shown from `source` to `target`; return the names of the files, relative to `target`."""
    names: list[str] = []
    for path, name in _plain_files(source):
        if len(names) >= MOST_FILES:
            break
        if path.suffix in TEXT:
            content = without_private_keys(_head(path))
        elif path.suffix in PICTURES and path.stat().st_size <= LARGEST_PICTURE:
            content = path.read_bytes()
        else:
            continue
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
        names.append(name)
    return tuple(sorted(names))


def without_private_keys(content: bytes) -> bytes:
    """Return a text with every PEM private key taken out: a student's firmware may print the one the bench gave it."""
    kept = []
    at = 0
    while begin := _KEY_BEGINS.search(content, at):
        end = _KEY_ENDS.search(content, begin.end(), begin.end() + _LONGEST_KEY)
        kept += [content[at : begin.start()], b"[a private key stood here]"]
        at = end.end() if end else begin.end() + _LONGEST_KEY
    return b"".join(kept) + content[at:]


def _plain_files(folder: Path) -> Iterator[tuple[Path, str]]:
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if stat.S_ISREG(path.lstat().st_mode):
            yield path, path.relative_to(folder).as_posix()


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        content = file.read(LARGEST_TEXT)
        cut = bool(file.read(1))
    return content + (f"\n[cut after {LARGEST_TEXT >> 20} MB]\n".encode() if cut else b"")


def empty(folder: Path) -> None:
    """Remove all that a folder holds: what a kit left that could not show anything."""
    forget(folder)
    folder.mkdir()


def forget(folder: Path) -> None:
    """Remove an earlier copy."""
    shutil.rmtree(folder, ignore_errors=True)
