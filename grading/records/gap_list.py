"""What the stand-ins lacked, by feature: for an instructor, who has to grade the rest another way or ask for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..marking.result import SubmissionResult


@dataclass(frozen=True, slots=True)
class Gap:
    """A feature that a stand-in lacks, and the students who could not be graded for it, in the roster's order."""

    feature: str
    students: tuple[str, ...]


def gap_list(results: Iterable[SubmissionResult]) -> tuple[Gap, ...]:
    """Return the features that kept marks from being given, those of most students first."""
    students: dict[str, list[str]] = {}
    for result in results:
        for feature in features(result):
            students.setdefault(feature, []).append(result.student.id)
    gaps = (Gap(feature, tuple(names)) for feature, names in students.items())
    return tuple(sorted(gaps, key=lambda gap: (-len(gap.students), gap.feature)))


def features(result: SubmissionResult) -> tuple[str, ...]:
    """Return what kept this submission from being graded, each feature once."""
    return tuple(dict.fromkeys(mark.lacks for mark in result.score.marks if mark.lacks))
