"""Canvas: the gradebook as it was exported, with one assignment's scores filled in.

What Canvas reads is told by its source, lib/gradebook_importer.rb in https://github.com/instructure/canvas-lms: five
columns on the student, matched by `ID`, then `SIS User ID`, then `SIS Login ID`; a row with "Points Possible"; an
assignment is `Title (id)`. An empty cell over a score would be a change, so that only students with a grade have a row.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError

from ..marking.result import ClassResult
from ..records.feedback import points_text
from ..roster import RosterEntry, aliases_of
from .sheet import Sheet, read_sheet, rows_of, sheet_text

FILE: Final = "canvas.csv"
_KEYS: Final = ("ID", "SIS User ID", "SIS Login ID")
#: The last column on the student; assignments come after it.
_SECTION: Final = "Section"
_POINTS_POSSIBLE: Final = "Points Possible"


@dataclass(frozen=True, slots=True)
class CanvasGradebook:
    """An exported gradebook; `owners` says which row is whose, `column` is the assignment's."""

    sheet: Sheet
    column: int
    owners: dict[int, str]

    file: str = FILE
    encoding: str = "utf-8"

    def filled(self, result: ClassResult) -> str:
        """Return what Canvas imports: the columns on the student and this assignment's."""
        scores = {one.student.id: one.score.points for one in result.results}
        kept = [*range(self.sheet.column(_SECTION) + 1), self.column]
        rows = []
        for index, row in enumerate(self.sheet.rows):
            points = scores.get(self.owners.get(index, ""))
            if points is not None:
                rows.append((*(row[cell] for cell in kept[:-1]), points_text(points)))
            elif _is_points_possible(row):
                rows.append(tuple(row[cell] for cell in kept))
        header = tuple(self.sheet.header[cell] for cell in kept)
        return sheet_text(replace(self.sheet, header=header, rows=tuple(rows)))


def read_canvas_gradebook(path: Path, roster: tuple[RosterEntry, ...], *, assignment: str) -> CanvasGradebook:
    """Return the gradebook that was exported to `path`; `assignment` is the title, with or without its id.

    Raises:
        UsageError: it is no gradebook of Canvas, has no row of the roster's, or not exactly one such assignment.
    """
    sheet = read_sheet(path)
    if not sheet.header[0].startswith("Student") or "ID" not in sheet.header:
        raise UsageError(
            f"{sheet.name} is no gradebook of Canvas", stage="export", fix="export it: Gradebook, Export, Entire"
        )
    cells = [sheet.header.index(key) for key in _KEYS if key in sheet.header]
    keys = {
        index: [row[cell].strip() for cell in cells]
        for index, row in enumerate(sheet.rows)
        if not _is_points_possible(row)
    }
    owners = rows_of(sheet, aliases_of(roster), keys)
    return CanvasGradebook(sheet, _assignment_column(sheet, assignment), owners)


def _assignment_column(sheet: Sheet, assignment: str) -> int:
    begin = sheet.column(_SECTION) + 1
    titles = dict(enumerate(sheet.header))
    found = [
        index for index, title in titles.items() if index >= begin and assignment in {title, title.rpartition(" (")[0]}
    ]
    if len(found) != 1:
        problem = "no column" if not found else "more than one column"
        raise UsageError(
            f"{sheet.name} has {problem} for the assignment {assignment!r}",
            stage="export",
            fix='name it as in the header: --canvas-assignment "Title (1234)"',
        )
    return found[0]


def _is_points_possible(row: tuple[str, ...]) -> bool:
    return _POINTS_POSSIBLE in row[0]
