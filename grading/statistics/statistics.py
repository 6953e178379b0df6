"""A class in numbers: marks per criterion, what was lost most and why, who is not graded. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

from ..judgement import Outcome
from ..marking.result import ClassResult, SubmissionResult
from ..marking.rubric import Criterion
from ..marking.score import Mark
from ..records.feedback import not_graded_words

#: What differs between two hand-ins that lost a point alike: numbers, and what is quoted from them.
_PARTICULAR: Final = re.compile(
    r"'[^']*'|\"[^\"]*\"|“[^”]*”|[\w-]{1,80}(?:\.[\w-]{1,80}){2,6}|\b0x[0-9a-fA-F]+\b|\d+(?:\.\d+)?"
)


@dataclass(frozen=True, slots=True)
class CriterionStatistics:
    """How a criterion went.

    Attributes:
        full: students with all its points; `none` and `part` likewise, the latter by hand.
        unclaimed: who did not try a bonus.
        mean: of the points that were given, None where none were.
    """

    criterion: Criterion
    full: int
    part: int
    none: int
    not_graded: int
    unclaimed: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class Loss:
    """A reason for which points were lost or not given, with one student's own words, and whose it is.

    `points` is the sum of what it cost the class; `is_lost` is False for what was not graded.
    """

    criterion: Criterion
    reason: str
    students: tuple[str, ...]
    points: float
    is_lost: bool = True


@dataclass(frozen=True, slots=True)
class ClassStatistics:
    """A class in numbers; `mean` and `median` are of those who are graded, None where nobody is."""

    students: int
    graded: int
    mean: float | None
    median: float | None
    criteria: tuple[CriterionStatistics, ...]
    losses: tuple[Loss, ...]
    not_graded: tuple[Loss, ...]


def statistics_of(result: ClassResult) -> ClassStatistics:
    """Return a class in numbers; losses by what they cost, the most first."""
    points = [one.score.points for one in result.results if one.score.points is not None]
    looked_at = [one for one in result.results if not one.is_left_out]
    losses = _losses(looked_at)
    return ClassStatistics(
        students=len(result.results),
        graded=len(points),
        mean=round(fmean(points), 2) if points else None,
        median=round(median(points), 2) if points else None,
        criteria=tuple(_criterion(one, looked_at) for one in result.rubric.criteria),
        losses=tuple(one for one in losses if one.is_lost),
        not_graded=tuple(one for one in losses if not one.is_lost),
    )


def _criterion(criterion: Criterion, results: Sequence[SubmissionResult]) -> CriterionStatistics:
    marks = [one.score[criterion.id] for one in results]
    claimed = [mark for mark in marks if not mark.is_unclaimed]
    given = [mark.points for mark in claimed if mark.points is not None]
    return CriterionStatistics(
        criterion,
        full=sum(1 for points in given if points >= criterion.points),
        part=sum(1 for points in given if 0 < points < criterion.points),
        none=sum(1 for points in given if points == 0),
        not_graded=len(claimed) - len(given),
        unclaimed=len(marks) - len(claimed),
        mean=round(fmean(given), 2) if given else None,
    )


def _losses(results: Sequence[SubmissionResult]) -> list[Loss]:
    found: dict[tuple[str, bool, str], Loss] = {}
    for one in results:
        for mark in one.score.marks:
            if mark.outcome is Outcome.PASSED or mark.is_unclaimed:
                continue
            is_lost = mark.outcome is Outcome.FAILED
            key = (mark.criterion.id, is_lost, kind_of(mark.reason))
            earlier = found.get(key) or Loss(mark.criterion, not_lost_words(mark) + mark.reason, (), 0.0, is_lost)
            cost = mark.criterion.points - (mark.points or 0.0)
            students = (*earlier.students, one.student.id)
            found[key] = Loss(mark.criterion, earlier.reason, students, round(earlier.points + cost, 2), is_lost)
    return sorted(found.values(), key=lambda one: (-one.points, -len(one.students), one.criterion.id))


def not_lost_words(mark: Mark) -> str:
    """Return whose fault a mark is that was not given, "" for one that was."""
    return not_graded_words(mark) if mark.outcome is Outcome.NOT_GRADED else ""


def kind_of(reason: str) -> str:
    """Return a reason without what is one hand-in's own: two with the same are one kind of mistake."""
    return _PARTICULAR.sub("#", reason)


def statistics_lines(numbers: ClassStatistics) -> Iterator[str]:
    """Yield a line per fact, each of which begins with ``class:``: for `grep`."""
    if numbers.mean is not None:
        middle = f"mean {numbers.mean:g}, median {numbers.median:g}"
        yield f"class: total: {middle}, {numbers.graded} of {numbers.students} graded"
    else:
        yield f"class: total: nobody of {numbers.students} is graded"
    for one in numbers.criteria:
        yield f"class: {one.criterion.id}: {', '.join(_facts(one))}"
    for loss in numbers.losses:
        yield f"class: lost: {loss.criterion.id}: {loss.points:g} points by {len(loss.students)}: {_example(loss)}"
    for loss in numbers.not_graded:
        yield f"class: not graded: {loss.criterion.id}: {len(loss.students)}: {_example(loss)}"


def _facts(one: CriterionStatistics) -> Iterator[str]:
    if one.mean is not None:
        yield f"mean {one.mean:g} of {one.criterion.points:g}"
    yield f"full {one.full}"
    if one.part:
        yield f"part {one.part}"
    yield f"none {one.none}"
    if one.not_graded:
        yield f"not graded {one.not_graded}"
    if one.unclaimed:
        yield f"not claimed {one.unclaimed}"


def _example(loss: Loss) -> str:
    return f"{loss.reason} ({', '.join(loss.students)})"
