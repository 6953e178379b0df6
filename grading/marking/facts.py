"""All that is known about one submission when it is scored: values only."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from ..hand_in.submission import Submission
from ..judgement import Problem
from ..roster import RosterEntry
from ..variant import Variant
from .audit_verdict import AuditVerdict
from .run_report import RunReport
from .witness import Witnessed, WitnessRule


@dataclass(frozen=True, slots=True)
class Facts:
    """What was handed in, what the bench saw, what the audit found; a `Problem` stands for what is not there.

    `packed_at` is when the submission was packed, by its own metadata, as ISO 8601; "" when unknown.
    Without a time zone it is local to whoever packed it.
    """

    student: RosterEntry
    submission: Submission | Problem
    offset_tolerance: int
    runs: Mapping[Variant, RunReport | Problem] = field(default_factory=dict)
    audits: Mapping[Variant, AuditVerdict | Problem] = field(default_factory=dict)
    witnesses: Mapping[Variant, Witnessed | Problem] = field(default_factory=dict)
    witness_rule: WitnessRule = WitnessRule.PREFERRED
    packed_at: str = ""
