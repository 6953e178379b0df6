"""How each criterion stands before handing in: kept, lost, or not shown yet, with what to do. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ..judgement import MISSING, UNCLAIMED, Judgement, Outcome, Problem
from ..marking.check_reason import check_reason
from ..marking.facts import Facts
from ..marking.requirements import REQUIREMENTS
from ..marking.rubric import CheckGroup, Criterion, Rubric
from ..marking.run_report import Check, RunReport
from ..marking.score import judge_checks
from .advice import advice, advice_unjudged
from .parts import MAKE, NEEDS, Part


class Standing(StrEnum):
    """Three things: what was not looked at, or is not there yet, is neither kept nor lost."""

    KEPT = "kept"
    LOST = "lost"
    NOT_SHOWN = "not shown yet"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a criterion asks for: how it stands, why, and what to do about it ("" for nothing)."""

    name: str
    standing: Standing
    reason: str
    to_do: str = ""


@dataclass(frozen=True, slots=True)
class CriterionStanding:
    """One criterion, and all that it asks for; lost as soon as one thing is."""

    criterion: Criterion
    facts: tuple[Fact, ...]

    @property
    def standing(self) -> Standing:
        """How the criterion stands as a whole."""
        for standing in (Standing.LOST, Standing.NOT_SHOWN):
            if any(fact.standing is standing for fact in self.facts):
                return standing
        return Standing.KEPT


def standings(rubric: Rubric, facts: Facts, there: frozenset[Part]) -> tuple[CriterionStanding, ...]:
    """Return how each criterion of a rubric stands.

    Args:
        rubric: with every check named.
        facts: what the grader's own steps found.
        there: the parts of the hand-in that can be looked at.
    """
    return tuple(CriterionStanding(one, tuple(_facts(one, facts, there))) for one in rubric.criteria)


def points(standing: Sequence[CriterionStanding]) -> float:
    """Return the points that would be kept."""
    return sum(one.criterion.points for one in standing if one.standing is Standing.KEPT)


def _facts(criterion: Criterion, facts: Facts, there: frozenset[Part]) -> Iterator[Fact]:
    for name in criterion.requires:
        lacking = [part for part in NEEDS[name] if part not in there]
        if lacking:
            yield Fact(name, Standing.NOT_SHOWN, f"{lacking[0]} is missing", MAKE[lacking[0]])
        else:
            yield _fact(name, REQUIREMENTS[name](facts))
    for group in criterion.checks:
        yield from _group_facts(group, facts, there)


def _group_facts(group: CheckGroup, facts: Facts, there: frozenset[Part]) -> Iterator[Fact]:
    project = Part(group.variant.project_folder)
    if project not in there:
        yield Fact(group.criterion, Standing.NOT_SHOWN, f"{project} is missing", MAKE[project])
        return
    judgement = judge_checks(group, facts)
    failed = [] if judgement.outcome is Outcome.PASSED else _failed(group, facts.runs.get(group.variant))
    for check in failed:
        yield _fact(check.name, _judgement(check))
    # What decided is always said: also that a check did not run, or a run that ended early.
    if not any(_judgement(check).outcome is judgement.outcome for check in failed):
        yield _fact(group.criterion, judgement)


def _failed(group: CheckGroup, report: RunReport | Problem | None) -> list[Check]:
    """Return the checks of a group that did not pass, the first of each reason."""
    if not isinstance(report, RunReport):
        return []
    checks = {
        check.reason: check
        for check in reversed(report.checks)
        if check.criterion == group.criterion and check.outcome is not Outcome.PASSED
        if not group.must_run or check.name in group.must_run
    }
    return list(reversed(checks.values()))


def _judgement(check: Check) -> Judgement:
    is_failed = check.outcome is Outcome.FAILED
    reason = (check_reason(check) if is_failed else check.reason) or f"{check.name} gave no reason"
    return Judgement(check.outcome, reason, check.stage, check.fault, check.lacks)


def _fact(name: str, judgement: Judgement) -> Fact:
    match judgement:
        case Judgement(outcome=Outcome.PASSED):
            return Fact(name, Standing.KEPT, judgement.reason)
        case Judgement(outcome=Outcome.FAILED, stage=stage) if stage in {MISSING, UNCLAIMED}:
            return Fact(name, Standing.NOT_SHOWN, judgement.reason, advice(name, stage))
        case Judgement(outcome=Outcome.FAILED):
            return Fact(name, Standing.LOST, judgement.reason, advice(name, judgement.stage))
        case _:
            return Fact(name, Standing.NOT_SHOWN, judgement.reason, advice_unjudged(name, judgement.lacks))
