"""Blackboard Learn: the gradebook as "Work Offline, Download" gives it, with one column filled in.

Source: Blackboard Help, "Work Offline with Grade Data". A student is known by `Username`, a column by the id at the end
of its title, as in ``Lab 3 [Total Pts: 4 Score] |664617``; a title without it would make a new column of text. A file
with tabs is called .xls and is UTF-16; one with commas has every cell in quotation marks.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.quoting import html, spreadsheet

from ..marking.result import ClassResult
from ..records.feedback import feedback_text, points_text
from ..roster import RosterEntry, aliases_of
from .sheet import Sheet, read_sheet, rows_of

_USERNAME: Final = "Username"
_KEYS: Final = ("Username", "Student ID")
_COLUMN: Final = re.compile(r"(?P<title>.*?)\s*(\[Total Pts: (?P<most>[0-9.,]+)[^\]]*\])?\s*\|\s*(?P<id>\d+)")
#: Where a download of one column "with comments" has room for what the student reads.
_FEEDBACK: Final = ("Feedback to Learner", "Feedback to User")
_FEEDBACK_FORMAT: Final = "Feedback Format"


@dataclass(frozen=True, slots=True)
class BlackboardGradebook:
    """A downloaded gradebook; `owners` says which row is whose, `column` is the one to fill in."""

    sheet: Sheet
    column: int
    owners: dict[int, str]

    @property
    def file(self) -> str:
        """The name of the file: Blackboard goes by its ending."""
        return "blackboard.xls" if self.sheet.delimiter == "\t" else "blackboard.csv"

    @property
    def encoding(self) -> str:
        """That of the file that came from there."""
        return self.sheet.encoding

    def filled(self, result: ClassResult) -> str:
        """Return what Blackboard takes: the columns on the student and this one; who is not graded has no row."""
        results = {one.student.id: one for one in result.results}
        names = [self.sheet.header.index(title) for title in ("Last Name", "First Name") if title in self.sheet.header]
        feedback = next((self.sheet.header.index(title) for title in _FEEDBACK if title in self.sheet.header), None)
        kept = [*names, self.sheet.column(_USERNAME), self.column]
        title = [self.sheet.header[cell] for cell in kept]
        if feedback is not None:
            title += [self.sheet.header[feedback], _FEEDBACK_FORMAT]
        rows = [title]
        for index, row in enumerate(self.sheet.rows):
            one = results.get(self.owners.get(index, ""))
            if one is None or one.score.points is None:
                continue
            cells = [*(row[cell] for cell in kept[:-1]), points_text(one.score.points)]
            if feedback is not None:
                cells += [spreadsheet.cell(html.lines(feedback_text(one))), "HTML"]
            rows.append(cells)
        return _text(rows, self.sheet.delimiter)


def read_blackboard_gradebook(
    path: Path, roster: tuple[RosterEntry, ...], *, assignment: str, highest: float
) -> BlackboardGradebook:
    """Return the gradebook that was downloaded to `path`.

    Args:
        path: with tabs or commas.
        roster: whose rows are looked for.
        assignment: the column's title, without or with points and id, or the id alone.
        highest: what the rubric gives at most, bonus included.

    Raises:
        UsageError: it is no gradebook of Blackboard, has no row of the roster's, or not exactly one such column.
    """
    sheet = read_sheet(path)
    columns = {index: match for index, title in enumerate(sheet.header) if (match := _COLUMN.fullmatch(title))}
    if _USERNAME not in sheet.header or not columns:
        raise UsageError(
            f"{sheet.name} is no gradebook of Blackboard",
            stage="export",
            fix="download it: Gradebook, Work Offline, Download, with the assignment's column",
        )
    column = _assignment_column(sheet, columns, assignment)
    _check_maximum(sheet, columns[column], highest)
    cells = [sheet.header.index(key) for key in _KEYS if key in sheet.header]
    keys = {index: [row[cell].strip() for cell in cells] for index, row in enumerate(sheet.rows)}
    return BlackboardGradebook(sheet, column, rows_of(sheet, aliases_of(roster), keys))


def _assignment_column(sheet: Sheet, columns: dict[int, re.Match[str]], assignment: str) -> int:
    found = [
        index
        for index, match in columns.items()
        if assignment.strip() in {sheet.header[index], match["title"].strip(), match["id"]}
    ]
    if len(found) != 1:
        problem = "no column" if not found else "more than one column"
        raise UsageError(
            f"{sheet.name} has {problem} for the assignment {assignment!r}",
            stage="export",
            fix='name it as in the header, or by its id: --blackboard-column "664617"',
        )
    return found[0]


def _check_maximum(sheet: Sheet, column: re.Match[str], highest: float) -> None:
    most = (column["most"] or "").replace(",", ".")
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})?", most) and float(most) < highest:
        raise UsageError(
            f"{sheet.name}: {column['title'].strip()!r} has {most} points, and the rubric gives up to {highest:g}",
            stage="export",
            fix=f"set its points to {highest:g}, the rubric's with bonus, and download it again",
        )


def _text(rows: list[list[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)
    return text.getvalue()
