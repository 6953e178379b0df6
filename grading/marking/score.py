"""Marks from facts: pure, and closed to whatever is missing.

A criterion is failed when anything it asks for failed by the student's fault, else not graded when anything could not
be judged, else passed. A check that did not run, a report that is not complete, a run without a build: not graded.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from kitbench.errors import Fault

from ..judgement import (
    BY_HAND,
    MISSING,
    UNCLAIMED,
    Judgement,
    Outcome,
    Problem,
    failed,
    judge_problem,
    not_graded,
    passed,
)
from .check_reason import check_reason
from .facts import Facts
from .points import rounded
from .requirements import REQUIREMENTS
from .rubric import CheckGroup, Criterion, Rubric
from .run_report import Check, RunReport

#: pytest's exit statuses of a run that went to its end: all passed, some failed.
_WHOLE_RUN = (0, 1)


@dataclass(frozen=True, slots=True)
class Mark:
    """One criterion's mark; `points` is None when it was not graded; `judgements` are those it rests on.

    `lacks` is the feature that a stand-in lacks, where that is why it was not graded.
    """

    criterion: Criterion
    outcome: Outcome
    points: float | None
    reason: str
    fault: Fault | None
    judgements: tuple[Judgement, ...] = ()
    lacks: str = ""

    @property
    def is_by_hand(self) -> bool:
        """Whether a person gave this mark."""
        return any(judgement.stage == BY_HAND for judgement in self.judgements)

    @property
    def is_unclaimed(self) -> bool:
        """Whether this is a bonus that the student did not try."""
        return self.criterion.bonus and any(judgement.stage == UNCLAIMED for judgement in self.judgements)


@dataclass(frozen=True, slots=True)
class Score:
    """All marks of one submission.

    Attributes:
        total: the sum that a person gave in place of theirs.
        deduction: points that being late costs, of a sum that never gets below 0.
    """

    marks: tuple[Mark, ...]
    total: float | None = None
    deduction: float = 0.0

    @property
    def is_graded(self) -> bool:
        """Whether every criterion has a mark, or a person gave the sum."""
        return self.total is not None or all(mark.outcome is not Outcome.NOT_GRADED for mark in self.marks)

    @property
    def points(self) -> float | None:
        """The sum with the bonus, or None while anything is not graded."""
        if self.total is not None or not self.is_graded:
            return self.total
        return rounded(max(sum(mark.points or 0.0 for mark in self.marks) - self.deduction, 0.0))

    def __getitem__(self, criterion_id: str) -> Mark:
        return {mark.criterion.id: mark for mark in self.marks}[criterion_id]


def score(rubric: Rubric, facts: Facts) -> Score:
    """Return the marks of one submission."""
    return Score(tuple(score_criterion(criterion, facts) for criterion in rubric.criteria))


def score_criterion(criterion: Criterion, facts: Facts) -> Mark:
    """Return the mark of one criterion with the one reason that decided it."""
    if isinstance(facts.submission, Problem):
        judgements = [judge_problem(facts.submission)]
    else:
        judgements = [REQUIREMENTS[name](facts) for name in criterion.requires]
        judgements += [judge_checks(group, facts) for group in criterion.checks]
        judgements = [_unless_unread(one, facts.submission.unread) for one in judgements]
    deciding = _deciding(judgements)
    if judgements and all(one.is_left_out for one in judgements):
        deciding = not_graded(f"nothing was shown; {deciding.reason}", stage="score")
    points = {Outcome.PASSED: criterion.points, Outcome.FAILED: 0.0, Outcome.NOT_GRADED: None}[deciding.outcome]
    reason = (
        "; ".join(j.reason for j in judgements if j.reason) if deciding.outcome is Outcome.PASSED else deciding.reason
    )
    return Mark(criterion, deciding.outcome, points, reason, deciding.fault, tuple(judgements), deciding.lacks)


def _unless_unread(judgement: Judgement, unread: str) -> Judgement:
    """Leave open what is missing only as far as we can read: no packing costs a point."""
    if unread and judgement.outcome is Outcome.FAILED and judgement.stage == MISSING:
        reason = f"{judgement.reason}, and what may hold it is not read: {unread}"
        return not_graded(reason, stage="unpack", fault=Fault.CALLER)
    return judgement


def judge_checks(group: CheckGroup, facts: Facts) -> Judgement:
    """Judge the on-kit checks of a group: passed only when each that had to run did run, and passed."""
    report = facts.runs.get(group.variant)
    if report is None:
        return _judge_missing_run(group, facts)
    return judge_problem(report) if isinstance(report, Problem) else _judge_report(group, report)


def _judge_report(group: CheckGroup, report: RunReport) -> Judgement:
    if not report.complete or report.exit_status not in _WHOLE_RUN:
        return not_graded(
            f"the {group.variant} run ended early (pytest's exit status: {report.exit_status})", stage="run"
        )
    carrying = [c for c in report.checks if c.criterion == group.criterion and c.variant in {group.variant, ""}]
    # Where a group names its checks, the others are another criterion's affair.
    checks = [check for check in carrying if not group.must_run or check.name in group.must_run]
    shown = [check for check in checks if not (group.where_possible and _is_out_of_reach(check))]
    if checks and not shown:
        names = ", ".join(check.name.replace("_", " ") for check in checks)
        return replace(passed(f"not looked at on this kit: {names}"), is_left_out=True)
    deciding = _deciding([_judge_check(check) for check in shown])
    if deciding.outcome is Outcome.FAILED or deciding.lacks:
        return deciding
    missing = _missing(group, report, carrying)
    if missing:
        return not_graded(missing, stage="run")
    if deciding.outcome is Outcome.PASSED:
        return passed(", ".join(check.name.replace("_", " ") for check in checks))
    return deciding


def _is_out_of_reach(check: Check) -> bool:
    """Whether the bench itself says that it cannot show this check; what firmware says of gaps does not count."""
    return check.no_relay and check.outcome is Outcome.NOT_GRADED


def _judge_missing_run(group: CheckGroup, facts: Facts) -> Judgement:
    """A variant was not run because there is no project of it, or for no reason that the grader knows."""
    if not isinstance(facts.submission, Problem) and group.variant not in facts.submission.projects:
        return failed(f"{group.variant.project_folder}/ is missing", stage=MISSING)
    return not_graded(f"the {group.variant} project was not run", stage="run")


def _judge_check(check: Check) -> Judgement:
    """A check costs points only when it failed and says that the student's firmware is at fault."""
    if check.outcome is Outcome.PASSED:
        return passed(check.name)
    reason = check.reason or f"{check.name} gave no reason"
    if check.outcome is Outcome.FAILED and check.fault is Fault.STUDENT:
        return failed(check_reason(check) if check.reason else reason, stage=check.stage)
    fault = check.fault if check.fault in {Fault.BENCH, Fault.CLOUD, Fault.CALLER} else Fault.BENCH
    return not_graded(reason.removeprefix(f"{check.stage}: "), stage=check.stage, fault=fault, lacks=check.lacks)


def _missing(group: CheckGroup, report: RunReport, carrying: Sequence[Check]) -> str:
    """Return what should have run and did not, in words, or an empty text."""
    if not carrying:
        return f"no check of {group.criterion!r} ran on the {group.variant} kit"
    if group.variant not in report.variants_built:
        return f"the run records no build of the {group.variant} project"
    absent = [name for name in group.must_run if name not in {check.name for check in carrying}]
    absent += [name for name in report.expected_checks if name not in {check.nodeid for check in report.checks}]
    return f"check {absent[0]!r} did not run" if absent else ""


def _deciding(judgements: Sequence[Judgement]) -> Judgement:
    """Return the first failure, else the first that was not graded, else a pass; nothing at all is not graded."""
    for outcome in (Outcome.FAILED, Outcome.NOT_GRADED, Outcome.PASSED):
        for judgement in judgements:
            if judgement.outcome is outcome:
                return judgement
    return not_graded("nothing was judged", stage="score")
