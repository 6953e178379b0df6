"""Moodle: an assignment's grading worksheet as it was downloaded, with grades and feedback filled in.

What Moodle reads is told by its source, mod/assign/feedback/offline/importgradeslib.php and locallib.php in
https://github.com/moodle/moodle: `Identifier` ("Participant 123"), `Grade` and `Last modified (grade)` have to be
there, and `Feedback comments` where that is enabled. A grade above the assignment's maximum is skipped without a word.
"""

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.quoting import html, spreadsheet

from ..marking.result import ClassResult, SubmissionResult
from ..records.feedback import feedback_text, points_text
from ..roster import RosterEntry, aliases_of
from .sheet import Sheet, read_sheet, rows_of, sheet_text

FILE: Final = "moodle.csv"
_IDENTIFIER: Final = "Identifier"
_GRADE: Final = "Grade"
_MODIFIED: Final = "Last modified (grade)"
_FEEDBACK: Final = "Feedback comments"
#: Where the student's id may stand; the last three as far as the site shows them.
_KEYS: Final = ("Identifier", "Email address", "Username", "ID number")
_PARTICIPANT: Final = re.compile(r"Participant (\d{1,18})")


@dataclass(frozen=True, slots=True)
class MoodleWorksheet:
    """A downloaded worksheet; `owners` says which row is whose."""

    sheet: Sheet
    owners: dict[int, str]

    file: str = FILE
    encoding: str = "utf-8"

    def filled(self, result: ClassResult) -> str:
        """Return what Moodle imports; the row of whom is not graded stays as it was, which changes nothing there."""
        results = {one.student.id: one for one in result.results}
        rows = tuple(
            self._row(row, results.get(self.owners.get(index, ""))) for index, row in enumerate(self.sheet.rows)
        )
        return sheet_text(replace(self.sheet, rows=rows))

    def _row(self, row: tuple[str, ...], result: SubmissionResult | None) -> tuple[str, ...]:
        if result is None or result.score.points is None:
            return row
        cells = list(row)
        cells[self.sheet.column(_GRADE)] = points_text(result.score.points)
        if _FEEDBACK in self.sheet.header:
            # Moodle takes the comment for HTML.
            cells[self.sheet.column(_FEEDBACK)] = spreadsheet.cell(html.lines(feedback_text(result)))
        return tuple(cells)


def read_moodle_worksheet(path: Path, roster: tuple[RosterEntry, ...], *, highest: float) -> MoodleWorksheet:
    """Return the worksheet that was downloaded to `path`; `highest` is what the rubric gives at most, bonus included.

    Raises:
        UsageError: it is no worksheet of Moodle, has no row of the roster's, or Moodle would drop the highest grades.
    """
    sheet = read_sheet(path)
    if any(title not in sheet.header for title in (_IDENTIFIER, _GRADE, _MODIFIED)):
        raise UsageError(
            f"{sheet.name} is no grading worksheet of Moodle in English",
            stage="export",
            fix="set Moodle to English; Submissions, Actions, Download grading worksheet",
        )
    cells = [sheet.header.index(key) for key in _KEYS if key in sheet.header]
    keys = {index: _names([row[cell].strip() for cell in cells]) for index, row in enumerate(sheet.rows)}
    _check_maximum(sheet, highest)
    return MoodleWorksheet(sheet, rows_of(sheet, aliases_of(roster), keys))


def _names(cells: list[str]) -> list[str]:
    """Return what a row's student may be called by, the number in "Participant 123" too."""
    participant = _PARTICIPANT.fullmatch(cells[0])
    return [*cells, participant[1]] if participant else cells


def _check_maximum(sheet: Sheet, highest: float) -> None:
    column = next((title for title in sheet.header if title.casefold() == "maximum grade"), None)
    if column is None:
        return
    for row in sheet.rows:
        text = row[sheet.column(column)].strip().replace(",", ".")
        if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", text) and float(text) < highest:
            raise UsageError(
                f"{sheet.name}: the assignment's maximum grade is {text}, and Moodle drops what is above it",
                stage="export",
                fix=f"set the maximum grade to {highest:g}, the rubric's points with bonus, and download it again",
            )
