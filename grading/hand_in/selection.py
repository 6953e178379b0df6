"""Which members of a hand-in are kept where there is not room for all: what a grade may depend on first. Pure.

What is in small folders comes before what is in large ones, however an archive orders them: the sources of a
project are few, an environment, an SDK or a collection of pictures is many.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from .archive import Member
from .layout import FLASH_SIZES
from .litter import Litter
from .member_name import member_parts

#: Pictures, videos, papers and what compilers make come last.
_EXTRA: Final = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".gif", ".heic", ".mp4", ".mov", ".avi", ".mkv", ".webm", ".pdf", ".docx", ".pptx"),
        *(".o", ".obj", ".a", ".elf", ".map", ".d", ".log", ".exe", ".dll", ".so", ".pyc", ".whl", ".jar"),
    }
)
#: Neither a source nor a text is larger, in bytes; a flash is, and an archive of all.
_LARGEST_SOURCE: Final = 2 << 20
_WHOLE: Final = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst")
_DEEPEST: Final = 64
_Parts = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """Members by their number in the archive's order.

    Attributes:
        kept: files, links and folders that are copied.
        crowded_out: name and reason of each file that there is no room for.
        repeated: names that stand there several times, of which the last is kept.
        passed_over: folders that a build makes anew or nobody needs.
    """

    kept: frozenset[int]
    crowded_out: tuple[tuple[str, str], ...]
    repeated: tuple[str, ...]
    passed_over: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    number: int
    name: str
    parts: _Parts
    size: int
    is_folder: bool

    @property
    def head(self) -> _Parts:
        """The outer parts, as many as anything that is kept has: of the rest the time would grow with the square."""
        return self.parts[:_DEEPEST]

    @property
    def is_extra(self) -> bool:
        suffix = PurePosixPath(self.name).suffix.lower()
        is_large = self.size > _LARGEST_SOURCE and self.size not in FLASH_SIZES and suffix not in _WHOLE
        return suffix in _EXTRA or is_large


def select(members: Iterable[Member], *, files: int, size: int, largest: int) -> Selection:
    """Return what is kept of members in a row, with room for so many files and bytes.

    What is larger than `largest` takes no room: whoever copies it will leave it out.
    """
    entries = [
        _Entry(number, member.name, parts, _room_of(member, largest), member.is_folder)
        for number, member in enumerate(members)
        if (parts := member_parts(member.name))
    ]
    litter = Litter(entry.head for entry in entries)
    wanted = [entry for entry in entries if not litter.holds(entry.head)]
    latest = {(entry.parts, entry.is_folder): entry for entry in wanted}
    repeated = {entry.name for entry in wanted if not entry.is_folder and latest[entry.parts, False] is not entry}
    kept, crowded = _with_room(list(latest.values()), files, size)
    return Selection(frozenset(kept), tuple(crowded), tuple(sorted(repeated)), tuple(litter.folders))


def _room_of(member: Member, largest: int) -> int:
    return 0 if member.flaw or member.link or member.size > largest else member.size


def _with_room(entries: list[_Entry], files: int, size: int) -> tuple[list[int], list[tuple[str, str]]]:
    counts: Counter[_Parts] = Counter()
    for entry in entries:
        counts.update(entry.head[:depth] for depth in range(1, len(entry.head)))
    kept, crowded = [], []
    left_files, left_size = files, size
    for entry in sorted(entries, key=lambda one: _order(one, counts)):
        if entry.is_folder:
            kept.append(entry.number)
        elif left_files <= 0:
            crowded.append((entry.name, f"more than {files} files"))
        elif entry.size > left_size:
            crowded.append((entry.name, f"the submission is larger than {size >> 20} MB"))
        else:
            kept.append(entry.number)
            left_files, left_size = left_files - 1, left_size - entry.size
    return kept, crowded


def _order(entry: _Entry, counts: Counter[_Parts]) -> tuple[bool, tuple[int, ...], int, int]:
    """Return what orders a member: how many files each folder on its way holds, the outermost first."""
    way = tuple(counts[entry.head[:depth]] for depth in range(1, len(entry.head)))
    return entry.is_extra, way, entry.size, entry.number
