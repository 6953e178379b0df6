"""The marks that a class run prints: a narrow table and reasons for a terminal, one line per fact for a pipe."""

from collections.abc import Iterator

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from ..judgement import Outcome
from ..marking.result import LEFT_OUT, ClassResult, SubmissionResult
from ..marking.score import Mark
from .feedback import LostPoints, lost_points, points_text

_STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.NOT_GRADED: "yellow"}
_WORDS = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.NOT_GRADED: "not graded"}
#: Of who it is and of the sum, in columns of the terminal.
_WHO = 24
_POINTS = len("not graded")
#: Between two columns of a table.
_GAP = 2
_SHORTEST = 4


def marks_table(result: ClassResult, width: int) -> Table:
    """Return a row per student with every mark, in so few columns that nothing wraps."""
    heads = _heads(result, width)
    table = Table(title=result.title, title_justify="left", box=None, pad_edge=False, padding=(0, _GAP, 0, 0))
    table.add_column("student", no_wrap=True, max_width=_WHO, overflow="ellipsis")
    table.add_column("points", justify="right", no_wrap=True)
    for head in heads:
        table.add_column(head, justify="right", no_wrap=True)
    for one in result.results:
        marks = [_cell(mark) for mark in one.score.marks]
        table.add_row(Text(one.student.words), points_text(one.score.points), *marks)
    return table


def legend(result: ClassResult, width: int) -> str:
    """Return what the heads of the criteria stand for, "" where they say it themselves."""
    heads = _heads(result, width)
    if not heads or heads[0] != "1":
        return ""
    return "; ".join(f"{head}: {one.title}" for head, one in zip(heads, result.rubric.criteria, strict=True))


def reasons(result: ClassResult) -> Iterator[Padding | Text]:
    """Yield, below the table, who lost points and why: a reason may take as many lines as it needs."""
    for one in result.results:
        lost = lost_points(one.score)
        if lost and not one.is_left_out:
            yield Text(one.student.words, "bold")
            yield from (Padding(Text(_reason(each)), (0, 0, 0, 2)) for each in lost)


def fact_lines(result: ClassResult) -> Iterator[str]:
    """Yield a line per fact, each of which says whose it is and of which criterion: for `grep`."""
    for one in result.results:
        if one.is_left_out:
            yield f"{one.student.id}: {LEFT_OUT.reason}"
            continue
        yield f"{one.student.id}: total: {points_text(one.score.points)}: {one.student.words}"
        yield from (f"{one.student.id}: {line}" for line in _marks(one))


def _marks(one: SubmissionResult) -> Iterator[str]:
    for mark in one.score.marks:
        name = f"{mark.criterion.id}: {points_text(mark.points)} of {mark.criterion.points:g}"
        if mark.is_unclaimed:
            yield f"{mark.criterion.id}: not claimed"
        elif mark.outcome is Outcome.PASSED and not mark.is_by_hand:
            yield f"{name}: passed"
        else:
            yield f"{name}: {_WORDS[mark.outcome]}: {_blame(mark)}{mark.reason}"


def _blame(mark: Mark) -> str:
    return "" if mark.outcome is not Outcome.NOT_GRADED or mark.lacks else f"{mark.fault} fault: "


def _heads(result: ClassResult, width: int) -> list[str]:
    """Return a head per criterion: its id, as much of it as there is room for, or else a number."""
    criteria = result.rubric.criteria
    who = min(_WHO, max((len(one.student.words) for one in result.results), default=0))
    room = width - max(who, len("student")) - _POINTS - 2 * _GAP
    each = room // max(len(criteria), 1) - _GAP
    names = [f"{one.id.replace('_', ' ')}{' +' if one.bonus else ''}" for one in criteria]
    if each < _SHORTEST:
        return [str(number) for number, _ in enumerate(criteria, 1)]
    short = [name if len(name) <= each else name[: each - 1] + "…" for name in names]
    return short if len(set(short)) == len(short) else [str(number) for number, _ in enumerate(criteria, 1)]


def _reason(lost: LostPoints) -> str:
    names = ", ".join(criterion.id.replace("_", " ") for criterion in lost.criteria)
    return f"{names}: {lost.not_graded}{lost.reason}"


def _cell(mark: Mark) -> Text:
    if mark.is_unclaimed:
        return Text("-")
    return Text("?" if mark.points is None else f"{mark.points:g}", style=_STYLES[mark.outcome])
