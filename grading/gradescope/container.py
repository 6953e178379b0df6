"""Gradescope's container: where things are, who handed in, and when.

Source: gradescope-autograders.readthedocs.io, "Autograder Specifications" and "Submission Metadata".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from kitbench.errors import UsageError

from ..roster import RosterEntry, aliases_of

ROOT: Final = Path("/autograder")
_LARGEST_METADATA: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Container:
    """The documented places below `root`."""

    root: Path = ROOT

    @property
    def submission(self) -> Path:
        """What the student handed in, unpacked by Gradescope."""
        return self.root / "submission"

    @property
    def results(self) -> Path:
        """What Gradescope reads at the end."""
        return self.root / "results" / "results.json"

    @property
    def metadata(self) -> Path:
        """Who handed in, and when."""
        return self.root / "submission_metadata.json"

    @property
    def source(self) -> Path:
        """What was uploaded as the autograder."""
        return self.root / "source"


@dataclass(frozen=True, slots=True)
class HandedInBy:
    """Who handed in; `names` are what Gradescope knows the members of a group by, `at` is when, with a time zone."""

    names: tuple[str, ...]
    at: datetime | None


def read_metadata(path: Path) -> HandedInBy:
    """Return who handed in, by `submission_metadata.json`.

    Raises:
        UsageError: it is not there, or not as it should be.
    """
    try:
        if path.stat().st_size > _LARGEST_METADATA:
            raise UsageError(f"{path.name} is larger than {_LARGEST_METADATA >> 20} MB", stage="gradescope")
        return parse_metadata(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", stage="gradescope") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise UsageError(f"{path.name} is not Gradescope's: {error!r}"[:200], stage="gradescope") from error


def parse_metadata(table: Mapping[str, Any]) -> HandedInBy:
    """Return who handed in, by the parsed file.

    Raises:
        ValueError, TypeError, KeyError, AttributeError: it is not as it should be.
    """
    names = [str(user[key]) for user in table["users"] for key in ("email", "sid", "id") if user.get(key)]
    created = table.get("created_at")
    at = datetime.fromisoformat(created) if created else None
    return HandedInBy(tuple(names), at if at is not None and at.tzinfo is not None else None)


def entry_of(handed_in: HandedInBy, roster: tuple[RosterEntry, ...]) -> RosterEntry:
    """Return the roster's line of whoever handed in: of a group, the first member's who has one.

    Raises:
        UsageError: the roster has none of them.
    """
    aliases = aliases_of(roster)
    owner = next((aliases[name.casefold()] for name in handed_in.names if name.casefold() in aliases), None)
    found = next((entry for entry in roster if entry.id == owner), None)
    if found is None:
        who = ", ".join(handed_in.names) or "nobody"
        raise UsageError(
            f"{who}: not in the roster", stage="gradescope", fix="write the e-mail address into its column `email`"
        )
    return found
