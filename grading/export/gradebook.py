"""grades.csv: one row per student, for spreadsheets and scripts."""

import csv
import io
from collections.abc import Sequence

from kitbench.quoting import spreadsheet

from ..marking.result import ClassResult, SubmissionResult
from ..records.feedback import points_text, reasons


def gradebook_csv(result: ClassResult) -> str:
    """Return the gradebook; `status` is graded or not graded, a criterion that was not judged says so in words."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    criteria = [criterion.id for criterion in result.rubric.criteria]
    writer.writerow(["id", "points", "points_possible", "status", *criteria, "reasons"])
    for row in result.results:
        writer.writerow([spreadsheet.cell(text) for text in _row(row, result.rubric.points)])
    return text.getvalue()


def _row(result: SubmissionResult, possible: float) -> Sequence[str]:
    status = "graded" if result.score.is_graded else "not graded"
    marks = [points_text(mark.points) for mark in result.score.marks]
    return [
        result.student.id,
        points_text(result.score.points),
        f"{possible:g}",
        status,
        *marks,
        "; ".join(reasons(result)),
    ]
