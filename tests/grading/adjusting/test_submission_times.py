"""When students handed in, as the platform says: read, or refused with the line."""

from datetime import datetime
from pathlib import Path

import pytest

from grading.adjusting.submission_times import parse_submission_times, read_submission_times
from kitbench.errors import UsageError

STUDENTS = frozenset({"s01", "S02"})
HEADER = "id,submitted,due\n"


def test_times_and_extensions_are_read_whatever_the_case_of_ids() -> None:
    text = HEADER + "S01,2026-11-20T22:10:00+01:00,\ns02,2026-11-23T08:00:00Z,2026-11-24T23:59:00+01:00\n"

    found = parse_submission_times(text, STUDENTS)

    assert found["s01"].at == datetime.fromisoformat("2026-11-20T21:10:00+00:00")
    assert found["s01"].due is None
    assert found["S02"].due == datetime.fromisoformat("2026-11-24T22:59:00+00:00")


def test_column_of_extensions_may_be_missing() -> None:
    assert parse_submission_times("id,submitted\ns01,2026-11-20T22:10:00+01:00\n", STUDENTS)["s01"].due is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,when\n", "column 'submitted' is missing"),
        (HEADER + "s1,2026-11-20T22:10:00Z,\n", "line 2: student 's1': did you mean 's01'"),
        (HEADER + "s01,2026-11-20T22:10:00,\n", "line 2: .*has no time zone"),
        (HEADER + "s01,yesterday,\n", "line 2: 'yesterday' is no time"),
        (HEADER + "s01,2026-11-20T22:10:00Z,soon\n", "line 2: 'soon' is no time"),
        (HEADER + "s01,2026-11-20T22:10:00Z,\n" * 2, "line"),
        (HEADER + 's01,"2026\n', "unexpected end of data"),
    ],
)
def test_what_is_no_such_file_is_a_usage_error(tmp_path: Path, text: str, why: str) -> None:
    path = tmp_path / "submitted.csv"
    path.write_text(text)

    with pytest.raises(UsageError, match=why):
        read_submission_times(path, STUDENTS)


def test_no_file_states_no_time(tmp_path: Path) -> None:
    assert read_submission_times(tmp_path / "submitted.csv", STUDENTS) == {}


def test_large_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "submitted.csv"
    path.write_bytes(b"x" * ((1 << 20) + 1))

    with pytest.raises(UsageError, match="larger than 1 MB"):
        read_submission_times(path, STUDENTS)
