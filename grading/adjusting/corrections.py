"""What changes marks after they followed from facts: a person's overrides, and the calendar.

In this order: marks of criteria by hand, the late rule, the total by hand.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Self

from ..judgement import Problem
from ..marking.late import HandedIn, LateRule, deduction
from ..marking.result import SubmissionResult
from ..marking.rubric import Rubric
from .overrides import FILE as OVERRIDES
from .overrides import Override, overrides_text, read_overrides, with_overrides, with_total
from .submission_times import FILE as TIMES
from .submission_times import read_submission_times, times_text


@dataclass(frozen=True, slots=True)
class Corrections:
    """What applies to the results of one class.

    Attributes:
        by_hand: marks that a person gave.
        times: by student id, when each one handed in.
    """

    rubric: Rubric
    by_hand: tuple[Override, ...] = ()
    times: Mapping[str, HandedIn] = field(default_factory=dict)

    @classmethod
    def read(cls, folder: Path, rubric: Rubric, students: Iterable[str], *, overrides: Path | None = None) -> Self:
        """Return the corrections that are in a folder; `overrides` is a file to read in place of the folder's.

        Raises:
            UsageError: one of the files is malformed.
        """
        ids = frozenset(students)
        by_hand = read_overrides(overrides or folder / OVERRIDES, rubric, ids)
        return cls(rubric, by_hand, read_submission_times(folder / TIMES, ids))

    def texts(self) -> dict[str, str]:
        """Return by name the files that state these corrections; "" for one that there is no need of."""
        return {OVERRIDES: overrides_text(self.by_hand), TIMES: times_text(self.times) if self.times else ""}

    def applied(self, result: SubmissionResult) -> SubmissionResult:
        """Return a result with all that applies to it."""
        corrected = with_overrides(result, self.by_hand)
        if self.rubric.late is not None:
            known = self.times.get(result.student.id) or _by_its_own_time(result, self.rubric.late)
            corrected = _with_lateness(corrected, self.rubric.late, known, self.rubric.points)
        return with_total(corrected, self.by_hand)


def _by_its_own_time(result: SubmissionResult, rule: LateRule) -> HandedIn | None:
    packed_at = result.facts.packed_at
    if not packed_at:
        return None
    packed = datetime.fromisoformat(packed_at)
    # A zip may say no time zone: the course's is the likeliest.
    return HandedIn(packed if packed.tzinfo else packed.replace(tzinfo=rule.due.tzinfo), stated_by=" by its own time")


def _with_lateness(
    result: SubmissionResult, rule: LateRule, handed_in: HandedIn | None, possible: float
) -> SubmissionResult:
    """Nobody loses a point for a time that nobody stated: the result only says so."""
    if isinstance(result.facts.submission, Problem):
        return result
    if handed_in is None:
        return replace(result, notes=(*result.notes, f"{TIMES} and the files say no time: no lateness was judged"))
    late = deduction(rule, handed_in, possible)
    if late is None:
        return result
    score = replace(result.score, deduction=late.points)
    return replace(result, score=score, notes=(*result.notes, late.words))
