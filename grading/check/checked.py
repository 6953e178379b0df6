"""What a check of one's own work says."""

from dataclasses import dataclass

from .own_entry import OwnEntry
from .standing import CriterionStanding


@dataclass(frozen=True, slots=True)
class Checked:
    """How everything stands; `notes` cost nothing, `digests` say of what (SHA-256 in hex)."""

    standings: tuple[CriterionStanding, ...]
    notes: tuple[str, ...]
    digests: dict[str, str]
    student: OwnEntry
