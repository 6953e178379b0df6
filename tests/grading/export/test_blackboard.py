"""Blackboard's file: read back what was written; students by user name, id, e-mail or the roster's own column."""

import csv
import io
from pathlib import Path

import pytest

from grading.export.blackboard import BlackboardGradebook, read_blackboard_gradebook
from grading.roster import Person, RosterEntry
from kitbench.errors import Fault, UsageError
from tests.grading.results import class_result, result
from tests.grading.synthetic import ENDPOINT, SHA256

HEADER = (
    *("Last Name", "First Name", "Username", "Student ID", "Last Access", "Availability"),
    *("Total [Total Pts: up to 40 Score] |111", "ESP32 lab [Total Pts: 5 Score] |664617", "Quiz 1 [Total Pts: 5] |7"),
)
ROWS = (
    ("Doe", "Jane", "s01", "71", "2026-11-01", "Yes", "", "", "3"),
    ("Roe", "Rick, Jr.", "rroe", "s02", "2026-11-01", "Yes", "", "2.0", "3"),
    ("Poe", "Ada", "s03", "73", "2026-11-01", "Yes", "", "3.0", "3"),
    ("Loe", "Zoe", "zoe", "74", "2026-11-01", "Yes", "", "", ""),
)
ENTRIES = tuple(RosterEntry(name, ENDPOINT, SHA256) for name in ("s01", "s02", "s03"))


def text(header: tuple[str, ...] = HEADER, *, delimiter: str = ",") -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(
        [header, *(row + ("",) * (len(header) - len(row)) for row in ROWS)]
    )
    return buffer.getvalue()


def read(
    folder: Path,
    content: bytes,
    *,
    entries: tuple[RosterEntry, ...] = ENTRIES,
    assignment: str = "ESP32 lab",
    highest: float = 5,
) -> BlackboardGradebook:
    path = folder / "gc_download"
    path.write_bytes(content)
    return read_blackboard_gradebook(path, entries, assignment=assignment, highest=highest)


def filled(book: BlackboardGradebook) -> list[dict[str, str]]:
    results = class_result(result("s01"), result("s02", fault=Fault.STUDENT), result("s03", fault=Fault.BENCH))
    return list(csv.DictReader(io.StringIO(book.filled(results)), delimiter=book.sheet.delimiter))


def test_column_is_filled_in_for_whoever_is_graded(tmp_path: Path) -> None:
    rows = filled(read(tmp_path, text().encode()))

    assert [(row["Username"], row[HEADER[7]]) for row in rows] == [("s01", "5"), ("rroe", "4")]
    assert list(rows[0]) == ["Last Name", "First Name", "Username", HEADER[7]]


def test_every_cell_is_quoted_and_a_comma_in_a_name_stays(tmp_path: Path) -> None:
    book = read(tmp_path, text().encode())

    lines = book.filled(class_result(result("s02"))).splitlines()
    assert lines[1] == '"Roe","Rick, Jr.","rroe","5"'


def test_file_with_tabs_is_utf_16_as_it_came(tmp_path: Path) -> None:
    book = read(tmp_path, text(delimiter="\t").encode("utf-16"))

    assert (book.file, book.encoding) == ("blackboard.xls", "utf-16")
    assert [row["Username"] for row in filled(book)] == ["s01", "rroe"]


def test_rosters_own_column_and_mail_find_a_row(tmp_path: Path) -> None:
    entries = (
        RosterEntry("s01", ENDPOINT, SHA256, person=Person("Zoe Loe", "s01@uni.example", ("zoe",))),
        RosterEntry("x2", ENDPOINT, SHA256, person=Person(email="RROE")),
    )

    book = read(tmp_path, text().encode(), entries=entries[1:])
    assert book.owners == {1: "x2"}
    with pytest.raises(UsageError, match="two rows of 's01'"):
        read(tmp_path, text().encode(), entries=entries)


def test_feedback_goes_into_its_column_as_html(tmp_path: Path) -> None:
    book = read(tmp_path, text((*HEADER, "Feedback to Learner", "Feedback Format")).encode())

    row = filled(book)[1]
    assert "&lt;script&gt;" in row["Feedback to Learner"]
    assert row["Feedback Format"] == "HTML"


@pytest.mark.parametrize("assignment", ["ESP32 lab", "664617", HEADER[7]])
def test_column_is_named_by_title_id_or_both(tmp_path: Path, assignment: str) -> None:
    assert read(tmp_path, text().encode(), assignment=assignment).column == 7


@pytest.mark.parametrize(
    ("content", "assignment", "highest", "why"),
    [
        (text(), "ESP32", 5, "no column for the assignment"),
        (text((*HEADER[:8], "ESP32 lab [Total Pts: 5] |8")), "ESP32 lab", 5, "more than one column"),
        (text(), "ESP32 lab", 6, "has 5 points, and the rubric gives up to 6"),
        (text().replace("Username", "User"), "ESP32 lab", 5, "is no gradebook of Blackboard"),
        (text().replace("s01", "x").replace("s02", "y").replace("s03", "z"), "ESP32 lab", 5, "no row of anybody"),
        ("\0", "ESP32 lab", 5, "gc_download"),
    ],
)
def test_what_does_not_fit_is_a_usage_error(
    tmp_path: Path, content: str, assignment: str, highest: float, why: str
) -> None:
    with pytest.raises(UsageError, match=why):
        read(tmp_path, content.encode(), assignment=assignment, highest=highest)
