"""Names of a lab's kits as `--kit` takes them: `labgrid:PLACE`, or `labgrid:TAG=VALUE+…` for any that is tagged so."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kitbench.errors import UsageError

PREFIX: Final = "labgrid:"
#: What labgrid takes for the name of a place, a tag or its value; nothing of it is an option of its client.
_WORD: Final = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")


@dataclass(frozen=True, slots=True)
class LabName:
    """A place, or what any place must be tagged with.

    Attributes:
        place: labgrid's name of it, "" where tags choose it.
    """

    place: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return PREFIX + (self.place or "+".join(f"{tag}={value}" for tag, value in self.tags.items()))


def is_lab_name(kit: str) -> bool:
    """Whether `--kit` names a lab's kit."""
    return kit.startswith(PREFIX)


def parse_lab_name(kit: str) -> LabName:
    """Return the place or the tags that a name means.

    Raises:
        UsageError: it names neither.
    """
    rest = kit.removeprefix(PREFIX)
    if _WORD.fullmatch(rest):
        return LabName(rest)
    tags: dict[str, str] = {}
    for part in rest.split("+"):
        tag, equals, value = part.partition("=")
        if not (equals and _WORD.fullmatch(tag) and _WORD.fullmatch(value)) or tag in tags:
            fix = "--kit labgrid:PLACE, or --kit labgrid:board=esp32+se=atecc608a"
            raise UsageError(f"--kit {kit!r} names no place and no tags", stage="kit", fix=fix)
        tags[tag] = value
    return LabName(tags=tags)
