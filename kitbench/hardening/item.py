"""One measure of hardening, and what was seen of it."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from typing import Any

from kitbench.hardening.identifiers import NOT_VERIFIED, identifiers_of


class Result(StrEnum):
    """What was seen comes to."""

    PASS = "pass"  # noqa: S105 - a result
    FAIL = "fail"
    #: Nothing was seen that shows it either way; never a pass.
    INCONCLUSIVE = "inconclusive"


@dataclass(frozen=True, slots=True)
class Item:
    """A measure with its verdict.

    Attributes:
        id: such as ``"flash-encryption"``.
        name: for people.
        seen: what the verdict rests on, in one line.
        fix: what to do about it; "" for a pass.
    """

    id: str
    name: str
    result: Result
    seen: str
    fix: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the item as JSON values, with the identifiers that it is evidence for, and which are not verified."""
        evidence = identifiers_of(self.id)
        return {
            "id": self.id,
            "name": self.name,
            "result": self.result.value,
            "seen": self.seen,
            "fix": self.fix,
            "evidence_for": evidence,
            "not_verified": sorted(NOT_VERIFIED.intersection(chain(*evidence.values()))),
        }


@dataclass(frozen=True, slots=True)
class Measure:
    """What an item is about; its verdicts are made here."""

    id: str
    name: str

    def passed(self, seen: str) -> Item:
        """Return that it is in force."""
        return Item(self.id, self.name, Result.PASS, seen)

    def failed(self, seen: str, fix: str) -> Item:
        """Return that it is not."""
        return Item(self.id, self.name, Result.FAIL, seen, fix)

    def unclear(self, seen: str, fix: str) -> Item:
        """Return that nothing shows it either way."""
        return Item(self.id, self.name, Result.INCONCLUSIVE, seen, fix)
