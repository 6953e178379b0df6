import csv
import io

import pytest

from grading.export.gradebook import gradebook_csv
from kitbench.errors import Fault
from kitbench.quoting.spreadsheet import cell
from tests.grading.results import class_result, result


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_marks_and_reasons_stand_in_the_row() -> None:
    table = rows(gradebook_csv(class_result(result("s01"), result("s02", fault=Fault.STUDENT, reason="it is silent"))))

    assert [row["points"] for row in table] == ["5", "4"]
    assert [row["traffic"] for row in table] == ["1", "0"]
    assert table[0]["reasons"] == ""
    assert table[1]["reasons"].startswith("Publishes and receives: it is silent")


def test_what_is_not_graded_is_said_and_is_no_zero() -> None:
    row = rows(gradebook_csv(class_result(result(fault=Fault.CLOUD, reason="broker gone"))))[0]

    assert (row["points"], row["status"], row["traffic"], row["connects"]) == (
        "not graded",
        "not graded",
        "not graded",
        "1",
    )
    assert "cloud fault" in row["reasons"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1"])
def test_formula_becomes_text(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["s01", "5", "", "a=b"])
def test_text_stays(text: str) -> None:
    assert cell(text) == text


def test_no_cell_of_the_gradebook_is_a_formula() -> None:
    table = gradebook_csv(class_result(result(fault=Fault.STUDENT)))

    assert all(not cell.startswith(("=", "+", "-", "@")) for row in csv.reader(io.StringIO(table)) for cell in row)
