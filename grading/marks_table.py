"""The table of marks that a class run prints."""

from rich.table import Table
from rich.text import Text

from .feedback import LostPoints, lost_points, points_text
from .judgement import Outcome
from .result import ClassResult
from .score import Mark

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
            Text(one.student.id),
            points_text(one.score.points),
            *marks,
            Text("\n".join(_reason(lost) for lost in lost_points(one.score))),
        )
    return table


def _reason(lost: LostPoints) -> str:
    names = ", ".join(criterion.id.replace("_", " ") for criterion in lost.criteria)
    return f"{names}: {lost.not_graded}{lost.reason}"


def _cell(mark: Mark) -> Text:
    if mark.is_unclaimed:
        return Text("-")
    return Text("?" if mark.points is None else f"{mark.points:g}", style=_STYLES[mark.outcome])
