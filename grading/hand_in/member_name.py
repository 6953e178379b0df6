"""Names of members of a hand-in: where one goes in a private folder, however it was written. Pure.

As tar and unzip do it, a name never leads out: a root, a drive and `..` are taken off. A folder's name that some file
system would read differently is written with `_` in place of what is odd in it, as all that is in it would be lost
otherwise; a file of such a name is left out.
"""

from pathlib import PurePosixPath
from typing import Final

#: In bytes; what every file system has room for.
_LONGEST_PART: Final = 200
_LONGEST_PATH: Final = 1600
_MEANINGFUL: Final = frozenset('\\:*?"<>|')
_INSTEAD: Final = "_"


class LeftOutError(Exception):
    """A member of a submission that is not kept; the text says why."""


def member_parts(name: str) -> tuple[str, ...]:
    """Return the parts of a path, `.` and root left out, `..` followed as far as it does not lead out."""
    parts: list[str] = []
    for part in PurePosixPath(name.lstrip("/")).parts:
        if part == ".." and parts:
            parts.pop()
        elif part not in {".", ".."} and not (not parts and _is_drive(part)):
            parts.append(part)
    return tuple(parts)


def safe_parts(name: str, *, depth: int, is_folder: bool = False) -> tuple[str, ...]:
    """Return the parts under which a member is kept.

    Raises:
        LeftOutError: nothing is left of it, it is too deep or too long, or a file's name has a meaning on some system.
    """
    parts = member_parts(name)
    folders, last = (parts, ()) if is_folder else (parts[:-1], parts[-1:])
    plain = (*(_plain(part) for part in folders), *last)
    size = sum(len(part.encode(errors="replace")) + 1 for part in plain)
    if not plain or len(plain) > depth or size > _LONGEST_PATH or any(_is_long(part) for part in last):
        raise LeftOutError("the path is too long" if plain else "the path leaves the submission")
    if any(is_ambiguous(part) for part in last):
        raise LeftOutError("the name holds characters that have a meaning on some system")
    return plain


def is_ambiguous(part: str) -> bool:
    """Say whether some system or terminal reads a name's part as something else."""
    return not part.isprintable() or not _MEANINGFUL.isdisjoint(part) or part.endswith((".", " "))


def _plain(part: str) -> str:
    """Return a folder's name without what is odd in it."""
    if is_ambiguous(part):
        kept = (one if one.isprintable() and one not in _MEANINGFUL else _INSTEAD for one in part)
        part = "".join(kept).rstrip(". ") or _INSTEAD
    while _is_long(part):
        part = part[: len(part) * 3 // 4]
    return part.rstrip(". ") or _INSTEAD


def _is_long(part: str) -> bool:
    return len(part.encode(errors="replace")) > _LONGEST_PART


def _is_drive(part: str) -> bool:
    return len(part) == 2 and part[0].isalpha() and part[1] == ":"
