"""The state of a lab, from what labgrid 26's client prints: places, who has them, who waits. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Final

_HEAD: Final = re.compile(r"(Place|Reservation) '([^']*)':")
_KEY: Final = re.compile(r"  (?P<key>[a-z][a-z ]*):(?: (?P<value>.*))?")


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the lab.

    Attributes:
        holder: host and user, "" for a free one.
        is_there: its kit is exported at this moment.
    """

    name: str
    tags: str = ""
    holder: str = ""
    is_there: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the place as JSON values."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A reservation.

    Attributes:
        owner: host and user.
        state: labgrid's word: `waiting`, `allocated`, `acquired`, `expired`, `invalid`.
        wanted: the tags that any place must have.
        since: when it came, as labgrid writes it.
    """

    owner: str
    state: str
    wanted: str
    since: str

    def to_json(self) -> dict[str, Any]:
        """Return the reservation as JSON values."""
        return asdict(self)


@dataclass(slots=True)
class _Block:
    kind: str
    name: str
    values: dict[str, str] = field(default_factory=dict)
    lists: dict[str, list[str]] = field(default_factory=dict)


def places_in(shown: str, resources: str) -> list[Place]:
    """Return the places.

    Args:
        shown: what `labgrid-client -v places` prints.
        resources: what `labgrid-client resources` prints: those that are there, a line each.
    """
    there = resources.split()
    return [
        Place(block.name, _value(block.values, "tags"), _value(block.values, "acquired"), _is_there(block, there))
        for block in _blocks(shown)
        if block.kind == "Place"
    ]


def queue_in(shown: str) -> list[Waiting]:
    """Return who waits or was granted a place, the first one first, of what `labgrid-client reservations` prints."""
    found = [
        Waiting(_value(block.values, "owner"), _value(block.values, "state"), _wanted(block), block.values["created"])
        for block in _blocks(shown)
        if block.kind == "Reservation" and "created" in block.values
    ]
    return sorted(found, key=lambda one: one.since)


def _value(values: Mapping[str, str], key: str) -> str:
    value = values.get(key, "")
    return "" if value == "None" else value


def _wanted(block: _Block) -> str:
    return " ".join(line.partition(": ")[2] for line in block.lists.get("filters", ()))


def _is_there(block: _Block, resources: Iterable[str]) -> bool:
    return any(fnmatchcase(one, pattern) for pattern in block.lists.get("matches", ()) for one in resources)


def _blocks(shown: str) -> list[_Block]:
    blocks: list[_Block] = []
    key = ""
    for line in shown.splitlines():
        if head := _HEAD.fullmatch(line.strip()) if not line.startswith(" ") else None:
            blocks.append(_Block(head[1], head[2]))
        elif blocks and (found := _KEY.fullmatch(line.rstrip())):
            key = found["key"]
            blocks[-1].values[key] = found["value"] or ""
        elif blocks and line.startswith("    "):
            blocks[-1].lists.setdefault(key, []).append(line.strip())
    return blocks
