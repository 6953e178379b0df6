"""Whose a file is that a learning platform named when the whole class's submissions were downloaded at once.

Canvas   `<name>_[LATE_]<user>_<submission>_<file>`, with `-1`, `-2` for what was handed in again
Moodle   `<full name>_<participant>_assignsubmission_file_[<file>]`, mostly a folder
Blackboard `<assignment>_<user>_attempt_<date>_<file>`
browsers   `<file> (1)`, where a file of this name was there before
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_CANVAS: Final = re.compile(r"(?P<who>.+?)_(?:late_)?(?P<number>\d+)_\d+_(?P<file>.+?)(?:-(?P<again>\d{1,3}))?")
_MOODLE: Final = re.compile(r"(?P<who>.+?)_(?P<number>\d+)_assignsubmission_file_?(?P<file>.*)")
_BLACKBOARD: Final = re.compile(r"(?P<who>.+)_attempt_(?P<again>\d{4}(?:-\d\d){5})(?:_(?P<file>.*))?")
_AGAIN: Final = re.compile(r"(?P<who>.+?) ?\((?P<again>\d{1,3})\)")
_LONGEST: Final = 255
#: A word of a name is taken for an id only from so many characters on.
_SHORTEST_ID: Final = 3


@dataclass(frozen=True, slots=True)
class BulkName:
    """One reading of a name.

    Attributes:
        owners: ids that it may mean, in lower case, the likeliest first.
        again: what orders several of one student, the last of which counts.
    """

    owners: tuple[str, ...]
    again: tuple[int, str] = (0, "")

    def owner(self, ids: frozenset[str]) -> str | None:
        """Return the first of the owners that is among these ids in lower case, however names are punctuated."""
        by_letters = {_letters(one): one for one in ids}
        exact = (one for one in self.owners if one in ids)
        alike = (by_letters[_letters(one)] for one in self.owners if _letters(one) in by_letters)
        return next(exact, None) or next(alike, None) or self._owner_in_words(ids)

    def _owner_in_words(self, ids: frozenset[str]) -> str | None:
        """Return the only id that stands in the name as a word of its own: `lab3_s01`, `s01 final`."""
        words = {word for owner in self.owners for word in re.split(r"[^\w.@-]|_", owner)}
        found = {one for one in words & ids if len(one) >= _SHORTEST_ID}
        return found.pop() if len(found) == 1 else None


def read_bulk_name(stem: str) -> BulkName:
    """Return whose a folder or an archive (without its suffix) may be."""
    name = stem.casefold()[:_LONGEST]
    for pattern in (_BLACKBOARD, _MOODLE, _CANVAS):
        if match := pattern.fullmatch(name):
            found = match.groupdict()
            owners = [name, found["who"], found.get("number") or "", *_endings(found["who"]), found.get("file") or ""]
            again = found.get("again") or ""
            return BulkName(tuple(dict.fromkeys(one for one in owners if one)), (len(again), again))
    if match := _AGAIN.fullmatch(name):
        return BulkName((match["who"],), (len(match["again"]), match["again"]))
    return BulkName((name,))


def _endings(text: str) -> Iterator[str]:
    """Yield what follows each underscore: an assignment's name and a user's may both hold some."""
    for match in re.finditer("_", text):
        yield text[match.end() :]


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())
