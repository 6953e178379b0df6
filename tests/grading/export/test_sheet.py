from pathlib import Path

import pytest

from grading.export.sheet import Sheet, parse_sheet, read_sheet, rows_of, sheet_text
from kitbench.errors import UsageError


def test_table_goes_through_unchanged() -> None:
    text = 'Student,ID\r\n"Doe, Jane",1\r\n"says ""hi""",2\r\n'

    assert sheet_text(parse_sheet(text, name="a.csv")) == text


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_delimiter_is_kept(delimiter: str) -> None:
    text = f"Student{delimiter}ID\r\nJane{delimiter}1\r\n"

    sheet = parse_sheet(text, name="a.csv")

    assert sheet.rows == (("Jane", "1"),)
    assert sheet_text(sheet) == text


def test_short_rows_are_filled_up_and_empty_ones_left_out() -> None:
    assert parse_sheet("a,b\n1\n,\n2,3,4\n", name="a.csv").rows == (("1", ""), ("2", "3"))


@pytest.mark.parametrize("text", ["", "\n", '"a', "a,b\n" + "x" * 200_000 + ",1\n"])
def test_what_is_no_table_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_sheet(text, name="a.csv")

    assert "a.csv" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_file_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("\ufeffStudent,ID\n".encode())

    assert read_sheet(tmp_path / "a.csv").header == ("Student", "ID")


def test_file_that_is_missing_or_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"\xff\xfe\x00")

    for name, reason in (("a.csv", "UTF-8"), ("none.csv", "No such file"), (".", "directory")):
        with pytest.raises(UsageError, match=reason):
            read_sheet(tmp_path / name)


def test_rows_are_found_by_any_key_but_for_case() -> None:
    sheet = Sheet("a.csv", ("x",), (("",),) * 3)

    owners = {"s01": "s01", "s02": "s02"}

    assert rows_of(sheet, owners, {0: ["", "S01"], 1: ["stranger"], 2: ["s02"]}) == {
        0: "s01",
        2: "s02",
    }


@pytest.mark.parametrize(
    ("keys", "reason"), [({0: ["x"]}, "no row of anybody"), ({0: ["s01"], 1: ["s01"]}, "two rows of 's01'")]
)
def test_rows_that_are_nobodys_or_twice_somebodys_are_refused(keys: dict[int, list[str]], reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        rows_of(Sheet("a.csv", ("x",), (("",),) * 2), {"s01": "s01"}, keys)
