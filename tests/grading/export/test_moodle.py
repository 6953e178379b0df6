import csv
import io
from pathlib import Path

import pytest

from grading.export.moodle import MoodleWorksheet, read_moodle_worksheet
from grading.roster import RosterEntry
from kitbench.errors import Fault, UsageError
from tests.grading.results import class_result, result
from tests.grading.synthetic import ENDPOINT, SHA256

#: As Moodle gives it for download.
WORKSHEET = """\
Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Last modified (grade)","Feedback comments"
"Participant 71","Jane Doe",s01@uni.example,"Submitted for grading",,5.00,-,
"Participant 72","Rick Roe",s02@uni.example,"Submitted for grading",2.00,5.00,"Monday, 2 March 2026, 10:00 AM",old
"Participant 73","Ada Poe",s03@uni.example,"Submitted for grading",3.00,5.00,"Monday, 2 March 2026, 10:00 AM",old
"Participant 74","Zoe Loe",zoe@uni.example,"No submission",,5.00,-,
"""
NAMES = ("s01@uni.example", "s02@uni.example", "s03@uni.example")


def worksheet(
    tmp_path: Path, text: str = WORKSHEET, *, names: tuple[str, ...] = NAMES, highest: float = 5
) -> MoodleWorksheet:
    path = tmp_path / "worksheet.csv"
    path.write_text(text, encoding="utf-8")
    entries = tuple(RosterEntry(name, ENDPOINT, SHA256) for name in names)
    return read_moodle_worksheet(path, entries, highest=highest)


def filled(sheet: MoodleWorksheet) -> list[dict[str, str]]:
    results = class_result(
        result(NAMES[0]),
        result(NAMES[1], fault=Fault.STUDENT, reason="<b>silent</b>"),
        result(NAMES[2], fault=Fault.BENCH),
    )
    return list(csv.DictReader(io.StringIO(sheet.filled(results))))


def test_grades_and_feedback_are_filled_in(tmp_path: Path) -> None:
    rows = filled(worksheet(tmp_path))

    assert [row["Grade"] for row in rows[:2]] == ["5", "4"]
    assert rows[0]["Feedback comments"].startswith("5 points<br>")
    assert "&lt;b&gt;silent&lt;/b&gt;" in rows[1]["Feedback comments"]
    assert rows[1]["Last modified (grade)"] == "Monday, 2 March 2026, 10:00 AM"


def test_who_is_not_graded_keeps_grade_and_feedback(tmp_path: Path) -> None:
    before = list(csv.DictReader(io.StringIO(WORKSHEET)))

    assert filled(worksheet(tmp_path))[2:] == before[2:]


def test_worksheet_without_feedback_gets_grades_alone(tmp_path: Path) -> None:
    rows = filled(worksheet(tmp_path, WORKSHEET.replace(',"Feedback comments"', "").replace(",old", "")))

    assert [row["Grade"] for row in rows] == ["5", "4", "3.00", ""]


@pytest.mark.parametrize("name", ["71", "S01@uni.example"])
def test_student_is_known_by_number_or_address(tmp_path: Path, name: str) -> None:
    assert worksheet(tmp_path, names=(name,)).owners == {0: name}


def test_grade_that_moodle_would_drop_without_a_word_is_told_before(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="set the maximum grade to 5"):
        worksheet(tmp_path, WORKSHEET.replace(",5.00,", ",4.00,"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (WORKSHEET.replace("Identifier", "Kennung"), "no grading worksheet of Moodle in English"),
        (WORKSHEET.replace("s0", "t0"), "no row of anybody"),
        (WORKSHEET.replace("s02", "s01"), "two rows of 's01@uni.example'"),
    ],
)
def test_what_cannot_be_filled_in_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        worksheet(tmp_path, text)
