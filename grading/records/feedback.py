"""What a student or a gradebook reads in words: points and one reason per lost point."""

from dataclasses import dataclass

from ..judgement import Outcome
from ..marking.result import SubmissionResult
from ..marking.rubric import Criterion
from ..marking.score import Mark, Score

NOT_GRADED = "not graded"
#: How the remark on a total that a person gave begins.
TOTAL_NOTE = "the total is by hand"


def points_text(points: float | None) -> str:
    """Return points as people write them: 1, not 1.0."""
    return NOT_GRADED if points is None else f"{points:g}"


def short_points(score: Score) -> str:
    """Return the sum in one or two words."""
    if score.points is None:
        return NOT_GRADED
    return f"{score.points:g} point" + ("" if score.points == 1 else "s")


def lost(mark: Mark) -> str:
    """Return the one reason for a lost or ungraded point; an empty text when none is lost."""
    if mark.is_by_hand:
        return f"{mark.criterion.title}: {mark.reason}"
    if mark.outcome is Outcome.PASSED or mark.is_unclaimed:
        return ""
    if mark.outcome is Outcome.FAILED:
        return f"{mark.criterion.title}: {mark.reason}"
    return f"{mark.criterion.title}: {not_graded_words(mark)}{mark.reason}"


def not_graded_words(mark: Mark) -> str:
    """Return what stands before the reason of a mark that was not given; a gap's reason says it itself."""
    return "" if mark.lacks else f"not graded ({mark.fault} fault): "


@dataclass(frozen=True, slots=True)
class LostPoints:
    """One reason, and all the criteria that it costs; `not_graded` says so in words, "" where the reason does."""

    criteria: tuple[Criterion, ...]
    reason: str
    not_graded: str = ""


def lost_points(score: Score) -> tuple[LostPoints, ...]:
    """Return the reason of each lost or ungraded point in the rubric's order; one that costs several is said once."""
    lost_for: dict[tuple[str, str], list[Criterion]] = {}
    for mark in score.marks:
        if mark.outcome is Outcome.NOT_GRADED:
            lost_for.setdefault((mark.reason, not_graded_words(mark)), []).append(mark.criterion)
        elif mark.outcome is Outcome.FAILED and not mark.is_unclaimed:
            lost_for.setdefault((mark.reason, ""), []).append(mark.criterion)
    return tuple(LostPoints(tuple(criteria), reason, words) for (reason, words), criteria in lost_for.items())


def reasons(result: SubmissionResult) -> tuple[str, ...]:
    """Return the reasons of a submission in the rubric's order."""
    total = () if result.score.total is None else tuple(note for note in result.notes if note.startswith(TOTAL_NOTE))
    return (*total, *(text for mark in result.score.marks if (text := lost(mark))))


def feedback_text(result: SubmissionResult) -> str:
    """Return the feedback of a submission as plain lines."""
    lines = [f"{short_points(result.score)}"]
    for mark in result.score.marks:
        bonus = " (bonus)" if mark.criterion.bonus else ""
        points = f"{points_text(mark.points)} of {mark.criterion.points:g}"
        lines.append(
            f"{mark.criterion.title}{bonus}: {points}"
            + (f" - {mark.reason}" if mark.is_by_hand or mark.outcome is not Outcome.PASSED else "")
        )
    lines += [f"Note: {note}" for note in result.notes]
    return "\n".join(lines)
