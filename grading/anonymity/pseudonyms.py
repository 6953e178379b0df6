"""Who is called what while nobody is to know who it is.

A pseudonym follows from the student's id and a key that is beside the roster, never in the results: who has the
results alone cannot tell who is who, and the same class gets the same pseudonyms again.
"""

import base64
import hmac
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, Fault

from ..adjusting.corrections import Corrections
from ..hand_in.class_folder import ClassList
from ..judgement import Problem
from ..marking.result import ClassResult
from ..roster import Person, RosterEntry

KEY_FILE: Final = ".pseudonyms.key"
_PREFIX: Final = "anon-"
_KEY_BYTES: Final = 32
#: 40 bits: two of a class of 1,000 meet once in two million classes.
_LENGTH: Final = 8


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """Both names of each student; empty where nobody is hidden, which changes nothing.

    Attributes:
        entries: the roster's lines by pseudonym.
    """

    entries: Mapping[str, RosterEntry] = field(default_factory=dict)

    @property
    def by_id(self) -> dict[str, str]:
        """Pseudonyms by the roster's ids."""
        return {entry.id: name for name, entry in self.entries.items()}

    @property
    def ids(self) -> dict[str, str]:
        """The roster's ids by pseudonym."""
        return {name: entry.id for name, entry in self.entries.items()}

    def name_of(self, student: str) -> str:
        """Return what a student is called in the results, by id or by pseudonym."""
        return self.by_id.get(student, student)

    def hidden(self, students: ClassList) -> ClassList:
        """Return the class with nobody's name in it, in an order that is not the roster's."""
        if not self.entries:
            return students
        entries = tuple(
            (replace(entry, id=self.name_of(entry.id), person=Person()), _nameless(source))
            for entry, source in students.entries
        )
        strangers = tuple(f"hand-in {number}" for number, _ in enumerate(students.strangers, start=1))
        return ClassList(tuple(sorted(entries, key=lambda one: one[0].id)), strangers)

    def corrections(self, corrections: Corrections) -> Corrections:
        """Return marks by hand and times of submission under the names that the results have."""
        by_hand = tuple(replace(one, student=self.name_of(one.student)) for one in corrections.by_hand)
        times = {self.name_of(student): time for student, time in corrections.times.items()}
        return replace(corrections, by_hand=by_hand, times=times)

    def revealed(self, result: ClassResult) -> ClassResult:
        """Return the result with the roster's lines, for what is given back to a learning platform."""
        results = tuple(replace(one, student=self.entries.get(one.student.id, one.student)) for one in result.results)
        return replace(result, results=results)


#: Everybody is called by name.
NOBODY_HIDDEN: Final = Pseudonyms()


def pseudonyms_of(students: Iterable[RosterEntry], folder: Path) -> Pseudonyms:
    """Return the pseudonyms of a class, by the key in its folder, which is made where there is none.

    Raises:
        BenchError: the key cannot be read or made.
    """
    key = _key(folder / KEY_FILE)
    return Pseudonyms({_pseudonym(key, entry.id): entry for entry in students})


def _pseudonym(key: bytes, student: str) -> str:
    digest = hmac.digest(key, student.casefold().encode(), "sha256")
    return _PREFIX + base64.b32encode(digest).decode().lower()[:_LENGTH]


def _key(path: Path) -> bytes:
    try:
        if not path.exists():
            with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
                file.write(secrets.token_hex(_KEY_BYTES) + "\n")
        return bytes.fromhex(path.read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        raise BenchError(
            f"cannot use {path}: {error}", stage="anonymous", fix="delete it: everybody gets another pseudonym then"
        ) from error


def _nameless(source: Path | Problem) -> Path | Problem:
    """Return why there is no hand-in without the names of files that are in the way."""
    if isinstance(source, Problem) and source.fault is Fault.CALLER:
        return replace(source, reason="two submissions of this student; keep the one to grade")
    return source
