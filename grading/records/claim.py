"""Whose results a folder holds: results of one class are never mixed with another's."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.errors import UsageError

from ..roster import RosterEntry

MARKER: Final = ".kitbench-grades"
_MADE_BY: Final = "kitbench grade"
_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class Claim:
    """What tells a class from another.

    Attributes:
        identity: digest of title and folder name; "" for any class.
        students: digests of the roster's lines, which come and go; empty where they are new in every run.
        is_anonymous: whether students are called by pseudonyms.
    """

    identity: str = ""
    students: frozenset[str] = frozenset()
    is_anonymous: bool = False

    @classmethod
    def of(cls, title: str, folder: Path, students: Iterable[RosterEntry], *, is_anonymous: bool = False) -> "Claim":
        """Return the claim of a class by its title, its folder's name and its roster."""
        lines = (_digest(f"{one.id}\0{one.certificate_sha256}") for one in students)
        return cls(_digest(f"{title}\0{folder.resolve().name}"), frozenset(lines), is_anonymous)

    def lay(self, output: Path) -> None:
        """Claim a folder of results.

        Raises:
            UsageError: another class has.
            OSError: it cannot be written.
        """
        marker = output / MARKER
        known = _read(marker) if marker.is_file() else NOBODYS
        if self.identity and known.identity and self.is_anonymous != known.is_anonymous:
            has = "pseudonyms" if known.is_anonymous else "names"
            raise UsageError(
                f"{output} holds results with {has}", stage="output", fix="name another folder, or mind --anonymous"
            )
        if self._is_another(known):
            raise UsageError(f"{output} holds the results of another class", stage="output", fix="name another folder")
        kept = Claim(
            self.identity or known.identity, self.students or known.students, self.is_anonymous or known.is_anonymous
        )
        table: dict[str, Any] = {"made_by": _MADE_BY, "class": kept.identity, "students": sorted(kept.students)}
        table["anonymous"] = kept.is_anonymous
        marker.write_text(json.dumps(table) + "\n", encoding="utf-8")

    def _is_another(self, known: "Claim") -> bool:
        if self.identity and known.identity and self.identity != known.identity:
            return True
        return bool(self.students and known.students) and self.students.isdisjoint(known.students)


#: Takes any folder of results.
NOBODYS: Final = Claim()


def _read(marker: Path) -> Claim:
    text = marker.read_text(encoding="utf-8")
    try:
        table: dict[str, Any] = json.loads(text)
        return Claim(str(table["class"]), frozenset(map(str, table["students"])), table["anonymous"] is True)
    except (ValueError, KeyError, TypeError):
        # As it was written before rosters were claimed: a line that ends with the identity.
        return Claim(text.rpartition(" ")[2].strip() if text.startswith("made by") else "")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
