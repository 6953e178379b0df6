"""Takes names out of what was said of hand-ins: reasons, remarks, logs. What a student wrote into a dump stays."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from ..evidence import TEXT
from ..hand_in.class_folder import ClassList
from ..judgement import Problem
from ..marking.result import SubmissionResult, results_folder
from ..marking.rubric import Rubric
from ..marking.score import score
from ..roster import RosterEntry
from .pseudonyms import Pseudonyms

_Value = TypeVar("_Value")
#: A shorter name, or number, is part of too much that is nobody's.
_SHORTEST: Final = 3
_SHORTEST_NUMBER: Final = 5
#: Letters of a name without spaces that is found in any case.
_SHORTEST_GLUED: Final = 8
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
_PAGES: Final = frozenset({".html"})


@dataclass(frozen=True, slots=True)
class Concealment:
    """Replaces every name by which a class's students are known by their pseudonyms.

    Attributes:
        names: pseudonyms by name, in lower case and without what separates words. The class's endpoints stand for
            themselves: what was handed in is compared with them, and a mark must not change.
        pattern: finds each name where it stands alone; None where there is none.
    """

    names: Mapping[str, str]
    pattern: "re.Pattern[str] | None"

    @classmethod
    def of(cls, pseudonyms: Pseudonyms, students: ClassList) -> "Concealment":
        """Return what hides these students, who are listed under the roster's names."""
        names = {_key(entry.endpoint): entry.endpoint for entry, _ in students.entries}
        patterns = {re.escape(entry.endpoint) for entry, _ in students.entries}
        for entry, source in students.entries:
            for name in _names_of(entry, source):
                if len(name) >= (_SHORTEST_NUMBER if name.isdigit() else _SHORTEST):
                    names.setdefault(_key(name), pseudonyms.name_of(entry.id))
                    patterns.update(_spellings(name))
        if not pseudonyms.entries or not names:
            return cls({}, None)
        longest_first = sorted(patterns, key=lambda one: (-len(one), one))
        alone = r"(?<![A-Za-z0-9])(?:" + "|".join(longest_first) + r")(?![A-Za-z0-9])"
        return cls(names, re.compile(alone, re.IGNORECASE))

    def text(self, text: str) -> str:
        """Return a text without names."""
        if self.pattern is None:
            return text
        return self.pattern.sub(lambda match: self.names.get(_key(match[0]), "somebody"), text)

    def result(self, result: SubmissionResult, rubric: Rubric, output: Path) -> SubmissionResult:
        """Return a result without names, and take them out of its evidence in the folder of results."""
        if self.pattern is None:
            return result
        for path in sorted((results_folder(output, result.student) / "evidence").rglob("*")):
            if path.suffix in TEXT | _PAGES and path.is_file():
                path.write_text(self.text(path.read_text(encoding="utf-8", errors="replace")), encoding="utf-8")
        facts = _with_texts(result.facts, self.text)
        return replace(
            result,
            facts=facts,
            score=score(rubric, facts),
            attempts=_with_texts(result.attempts, self.text),
            notes=_with_texts(result.notes, self.text),
        )


def _key(name: str) -> str:
    """Return a name as it is looked up, however its words are held together."""
    return _BETWEEN_WORDS.sub("", name).casefold()


def _spellings(name: str) -> Iterator[str]:
    """Yield patterns of a name as people write it, and as they call files and projects: ana_silva, AnaSilva."""
    yield re.escape(name)
    words = [word for word in _BETWEEN_WORDS.split(name) if word]
    if len(words) > 1 and " " in name:
        yield r"[\W_]{1,3}".join(map(re.escape, words))
        glued = "".join(words)
        # "An Other" is not to be found in every "another".
        yield re.escape(glued) if len(glued) >= _SHORTEST_GLUED else f"(?-i:{re.escape(glued)})"


def _names_of(entry: RosterEntry, source: Path | Problem) -> Iterator[str]:
    yield entry.id
    yield from entry.aliases
    words = entry.person.name.split()
    if len(words) > 1:
        yield " ".join(words)
        yield " ".join([words[-1], *words[:-1]])
        yield f"{words[-1]}, {' '.join(words[:-1])}"
    if isinstance(source, Path):
        yield source.name
        yield source.name.partition(".")[0]


def _with_texts(value: _Value, change: Callable[[str], str]) -> _Value:
    """Return a value of dataclasses and collections with every text in it changed; enumerations and paths stay."""
    changed: Any = value
    if isinstance(value, str):
        changed = value if isinstance(value, StrEnum) else change(value)
    elif isinstance(value, RosterEntry):
        changed = value
    elif is_dataclass(value) and not isinstance(value, type):
        own = {one.name: _with_texts(getattr(value, one.name), change) for one in fields(value) if one.init}
        changed = replace(value, **own)
    elif isinstance(value, Mapping):
        changed = {key: _with_texts(one, change) for key, one in value.items()}
    elif isinstance(value, tuple | list | frozenset) and isinstance(value, Sequence | frozenset):
        changed = type(value)(_with_texts(one, change) for one in value)
    return changed  # type: ignore[no-any-return]
