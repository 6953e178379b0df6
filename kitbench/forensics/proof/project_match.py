"""Whether the app in a dump was built from a project: by the string literals that the project has of its own."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.flash_format.app_image import AppImage
from kitbench.forensics.proof.string_literals import LEVELS, StringLiteral, literals_of, sources_of

#: Fewer say too little: one renamed log line would decide.
FEWEST_LITERALS: Final = 10
#: Shorter ones may become numbers in the code, or stand anywhere.
_SHORTEST: Final = 8
#: What the log macros of ESP-IDF put before each format: the levels that were compiled in.
_LOG_FORMAT: Final = re.compile(rb"([EWIDV]) \(%l?u\) %s: ")
_MOST_NAMED: Final = 5


@dataclass(frozen=True, slots=True)
class ProjectMatch:
    """How many literals a project has that the handed-out template lacks, and how many of them the app holds.

    Attributes:
        missing: a few of those that the app lacks.
    """

    distinctive: int
    found: int
    missing: tuple[str, ...] = ()

    @property
    def is_decided(self) -> bool:
        """Whether there are enough literals to say anything."""
        return self.distinctive >= FEWEST_LITERALS

    @property
    def is_another(self) -> bool:
        """Whether the app was built from other sources: it lacks more than half of what is the project's own."""
        return self.is_decided and 2 * self.found < self.distinctive

    def to_json(self) -> dict[str, Any]:
        """Return the match as JSON values."""
        return {
            "distinctive": self.distinctive,
            "found": self.found,
            "is_decided": self.is_decided,
            "is_another": self.is_another,
            "missing": list(self.missing),
        }


def match_project(images: Iterable[AppImage], project: Path, template: Path) -> ProjectMatch:
    """Compare the sound apps of a dump with a project, both of which may be a student's.

    Literals of a log macro count only where the app shows that its level was compiled in, as with the log level NONE
    none of them is. An edit after the dump loses some literals, another project all.
    """
    data = b"".join(segment.data for image in images for segment in image.segments)
    handed_out = b"\0".join(literal.text for source in sources_of(template) for literal in literals_of(source))
    levels = _compiled_levels(data)
    own = {
        literal.text.rstrip(b"\n")  # printf of a line becomes puts
        for source in sources_of(project)
        for literal in literals_of(source)
        if _is_telling(literal, levels) and literal.text.rstrip(b"\n") not in handed_out
    }
    missing = sorted(text for text in own if text not in data)
    named = tuple(text.decode("utf-8", "backslashreplace")[:60] for text in missing[:_MOST_NAMED])
    return ProjectMatch(len(own), len(own) - len(missing), named)


def _is_telling(literal: StringLiteral, levels: str) -> bool:
    text = literal.text.rstrip(b"\n")
    return len(text) >= _SHORTEST and not text.startswith((b"_binary_", b".")) and (literal.level in levels)


def _compiled_levels(data: bytes) -> str:
    """Return the letters of the log levels that were compiled in: all up to the last one that is seen."""
    seen = {match[1].decode() for match in _LOG_FORMAT.finditer(data)}
    return LEVELS[: max((LEVELS.index(letter) + 1 for letter in seen), default=0)]
