"""The table of marks that a class run prints."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from grading.feedback import points_text
from grading.judgement import Outcome
from grading.result import ClassResult
from grading.score import Mark

_STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.NOT_GRADED: "yellow"}


def marks_table(result: ClassResult) -> Table:
    """Return a row per student: the points, each criterion's mark, one reason per lost point."""
    table = Table(title=result.title, title_justify="left", pad_edge=False, show_lines=True)
    table.add_column("student", no_wrap=True)
    table.add_column("points", justify="right")
    for criterion in result.rubric.criteria:
        table.add_column(criterion.id.replace("_", "\n") + (" +" if criterion.bonus else ""), justify="right")
    table.add_column("one reason per lost point", overflow="fold", min_width=30)
    for one in result.results:
        marks = [_cell(mark) for mark in one.score.marks]
        table.add_row(
            Text(one.student.id), points_text(one.score.points), *marks, Text("\n".join(_reasons(one.score.marks)))
        )
    return table


def _reasons(marks: Sequence[Mark]) -> list[str]:
    """Return the reason of each lost point; one that costs several is said once."""
    lost_for: dict[str, list[str]] = {}
    for mark in marks:
        if mark.outcome is Outcome.NOT_GRADED:
            lost_for.setdefault(f"not graded ({mark.fault} fault): {mark.reason}", []).append(mark.criterion.id)
        elif mark.outcome is Outcome.FAILED and not mark.is_unclaimed:
            lost_for.setdefault(mark.reason, []).append(mark.criterion.id)
    return [f"{', '.join(ids).replace('_', ' ')}: {reason}" for reason, ids in lost_for.items()]


def _cell(mark: Mark) -> Text:
    if mark.is_unclaimed:
        return Text("-")
    return Text("?" if mark.points is None else f"{mark.points:g}", style=_STYLES[mark.outcome])
