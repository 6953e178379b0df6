"""`overrides.toml` beside the roster: marks that a person gives, on top of those that follow from facts.

[[override]]
student = "s07"
criterion = "traffic"            # or "total"
points = 0.5
comment = "shown at the bench on Tuesday"
by = "J. Doe"
when = 2026-11-30
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from kitbench.errors import Fault, UsageError
from kitbench.quoting import toml
from kitbench.spelling import did_you_mean

from ..judgement import BY_HAND, Judgement, Outcome, one_line
from ..marking.points import rounded
from ..marking.result import SubmissionResult
from ..marking.rubric import Rubric
from ..marking.score import Mark

FILE: Final = "overrides.toml"
TOTAL: Final = "total"
_FIELDS: Final[Mapping[str, tuple[type, ...]]] = {
    "student": (str,),
    "criterion": (str,),
    "points": (int, float),
    "comment": (str,),
    "by": (str,),
    "when": (date, datetime),
}


@dataclass(frozen=True, slots=True)
class Override:
    """One mark by hand; `criterion` is the rubric's id of it, or ``"total"``."""

    student: str
    criterion: str
    points: float
    comment: str
    by: str
    when: date

    @property
    def words(self) -> str:
        """Who gave the mark, when, and why, in one line."""
        return one_line(f"by hand ({self.by}, {self.when:%Y-%m-%d}): {self.comment}")


def read_overrides(path: Path, rubric: Rubric, students: Iterable[str]) -> tuple[Override, ...]:
    """Return the overrides in a file; none where there is no file.

    Raises:
        UsageError: it is malformed, or names a student, a criterion or points that cannot be.
    """
    if not path.is_file():
        return ()
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return parse_overrides(table, rubric, frozenset(students))
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise UsageError(f"{path}: {error}", stage="overrides") from error


def parse_overrides(table: Mapping[str, Any], rubric: Rubric, students: frozenset[str]) -> tuple[Override, ...]:
    """Return the overrides that a parsed TOML file describes.

    Raises:
        TypeError, ValueError: it is not as it should be.
    """
    for name in table:
        if name != "override":
            raise ValueError(f"unknown key {name!r}: {did_you_mean(name, ['override'])}")
    rows = table.get("override", [])
    found = tuple(_override(row, number, rubric, students) for number, row in enumerate(rows, start=1))
    targets = [(one.student, one.criterion) for one in found]
    for target in targets:
        if targets.count(target) > 1:
            raise ValueError(f"two overrides of {target[1]} of {target[0]}: keep the one that counts")
    return found


def _override(row: Mapping[str, Any], number: int, rubric: Rubric, students: frozenset[str]) -> Override:
    where = f"override {number}"
    for name in row:
        if name not in _FIELDS:
            raise ValueError(f"{where} has an unknown field {name!r}: {did_you_mean(name, _FIELDS)}")
    for name, kinds in _FIELDS.items():
        if name not in row:
            raise ValueError(f"{where} has no field {name!r}")
        if not isinstance(row[name], kinds) or isinstance(row[name], bool):
            raise TypeError(f"{where}: {name} is {row[name]!r}")
    if row["student"] not in students:
        raise ValueError(f"{where}: student {row['student']!r}: {did_you_mean(row['student'], students)}")
    _check_points(row, where, {one.id: one.points for one in rubric.criteria})
    return Override(**{**row, "points": rounded(float(row["points"]))})


def _check_points(row: Mapping[str, Any], where: str, possible: Mapping[str, float]) -> None:
    name = row["criterion"]
    if name != TOTAL and name not in possible:
        raise ValueError(f"{where}: criterion {name!r}: {did_you_mean(name, [*possible, TOTAL])}")
    most = sum(possible.values()) if name == TOTAL else possible[name]
    if not 0 <= row["points"] <= most:
        raise ValueError(f"{where}: points is {row['points']}, and may be 0 to {most:g}")


def overrides_text(overrides: Iterable[Override]) -> str:
    """Return the overrides as `overrides.toml` states them."""
    return "\n".join(
        "[[override]]\n"
        f"student = {toml.string(one.student)}\ncriterion = {toml.string(one.criterion)}\npoints = {one.points!r}\n"
        f"comment = {toml.string(one.comment)}\nby = {toml.string(one.by)}\nwhen = {one.when.isoformat()}\n"
        for one in overrides
    )


def with_overrides(result: SubmissionResult, overrides: Iterable[Override]) -> SubmissionResult:
    """Return a result with the marks of criteria that a person gave; the total is `with_total`'s."""
    own = {one.criterion: one for one in overrides if one.student == result.student.id}
    if not own:
        return result
    marks = tuple(
        _by_hand(mark, own[mark.criterion.id]) if mark.criterion.id in own else mark for mark in result.score.marks
    )
    return replace(result, score=replace(result.score, marks=marks))


def with_total(result: SubmissionResult, overrides: Iterable[Override]) -> SubmissionResult:
    """Return a result with the sum that a person gave, which has the last word."""
    own = [one for one in overrides if one.student == result.student.id and one.criterion == TOTAL]
    if not own:
        return result
    score = replace(result.score, total=own[0].points)
    return replace(result, score=score, notes=(*result.notes, f"the total is {own[0].words}"))


def _by_hand(mark: Mark, override: Override) -> Mark:
    is_full = override.points == mark.criterion.points
    outcome, fault = (Outcome.PASSED, None) if is_full else (Outcome.FAILED, Fault.STUDENT)
    judgement = Judgement(outcome, override.words, BY_HAND, fault)
    return replace(
        mark,
        outcome=outcome,
        points=override.points,
        reason=override.words,
        fault=fault,
        judgements=(judgement,),
        lacks="",
    )
