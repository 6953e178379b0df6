import csv
import io
from pathlib import Path

import pytest

from grading.export.canvas import CanvasGradebook, read_canvas_gradebook
from grading.roster import RosterEntry
from kitbench.errors import Fault, UsageError
from tests.grading.results import class_result, result
from tests.grading.synthetic import ENDPOINT, SHA256

#: As Canvas exports it: two header-like rows, the course's other assignments, its own sums.
EXPORTED = """\
Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (11),ESP32 (12),Current Score
,,,,,Manual Posting,,(read only)
"    Points Possible",,,,,10,4,(read only)
"Doe, Jane",501,u1,s01,A,9,,90
"Roe, Rick",502,u2,s02,A,8,2,80
"Poe, Ada",503,u3,s03,A,7,3,70
"Student, Test",504,,abc,A,,,
"""


def roster(*names: str) -> tuple[RosterEntry, ...]:
    return tuple(RosterEntry(name, ENDPOINT, SHA256) for name in names)


def gradebook(tmp_path: Path, text: str = EXPORTED, *, assignment: str = "ESP32") -> CanvasGradebook:
    path = tmp_path / "gradebook.csv"
    path.write_text(text, encoding="utf-8")
    return read_canvas_gradebook(path, roster("s01", "s02", "s03"), assignment=assignment)


def filled(book: CanvasGradebook) -> list[list[str]]:
    results = class_result(result("s01"), result("s02", fault=Fault.STUDENT), result("s03", fault=Fault.BENCH))
    return list(csv.reader(io.StringIO(book.filled(results))))


@pytest.mark.parametrize("assignment", ["ESP32", "ESP32 (12)"])
def test_only_this_assignment_and_students_with_a_grade_are_written(tmp_path: Path, assignment: str) -> None:
    assert filled(gradebook(tmp_path, assignment=assignment)) == [
        ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "ESP32 (12)"],
        ["    Points Possible", "", "", "", "", "4"],
        ["Doe, Jane", "501", "u1", "s01", "A", "5"],
        ["Roe, Rick", "502", "u2", "s02", "A", "4"],
    ]


def test_no_score_is_ever_blank(tmp_path: Path) -> None:
    assert all(row[-1] for row in filled(gradebook(tmp_path)))


@pytest.mark.parametrize("key", ["501", "u1", "s01"])
def test_student_is_known_by_any_id_of_canvas(tmp_path: Path, key: str) -> None:
    path = tmp_path / "gradebook.csv"
    path.write_text(EXPORTED, encoding="utf-8")

    assert read_canvas_gradebook(path, roster(key), assignment="ESP32").owners == {2: key}


@pytest.mark.parametrize(
    ("text", "assignment", "reason"),
    [
        (EXPORTED, "Robots", "no column for the assignment 'Robots'"),
        (EXPORTED.replace("Quiz 1", "ESP32"), "ESP32", "more than one column"),
        ("name,points\ns01,4\n", "ESP32", "no gradebook of Canvas"),
        (EXPORTED.replace("Section", "Group"), "ESP32", "no column 'Section'"),
        (EXPORTED.replace("s0", "t0"), "ESP32", "no row of anybody"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(tmp_path: Path, text: str, assignment: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        gradebook(tmp_path, text, assignment=assignment)


def test_columns_on_the_student_are_no_assignments(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no column for the assignment"):
        gradebook(tmp_path, assignment="Section")
