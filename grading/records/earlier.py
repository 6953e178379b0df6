"""What an earlier run measured of the same hand-in, and what of a submission a run is to measure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from ..judgement import Problem
from ..marking.audit_verdict import AuditVerdict
from ..marking.result import Attempt
from ..marking.run_report import RunReport
from ..variant import Variant


class Stage(StrEnum):
    """What is done with each submission: all of it, or the part that needs no kit."""

    ALL = "all"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class EarlierRuns:
    """What kits showed of a submission, with the evidence that is in the results."""

    runs: Mapping[Variant, RunReport | Problem] = field(default_factory=dict)
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class EarlierAudits:
    """The verdicts on a submission's dumps, with the evidence that is in the results."""

    audits: Mapping[Variant, AuditVerdict | Problem] = field(default_factory=dict)
    files: Mapping[Variant, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Earlier:
    """What need not be measured again; None for what has to be."""

    runs: EarlierRuns | None = None
    audits: EarlierAudits | None = None


NOTHING_EARLIER: Final = Earlier()
