"""`submitted.csv` beside the roster: when each student handed in, as the platform recorded it.

id,submitted,due
s01,2026-11-20T22:10:00+01:00,
s02,2026-11-23T08:00:00+01:00,2026-11-24T23:59:00+01:00     # an extension of this student's own

An archive's own times are the student's to set, so that they are taken only where this file says nothing.
"""

import csv
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.spelling import did_you_mean

from ..marking.late import HandedIn

FILE: Final = "submitted.csv"
_COLUMNS: Final = ("id", "submitted", "due")
_LARGEST: Final = 1 << 20


def read_submission_times(path: Path, students: frozenset[str]) -> dict[str, HandedIn]:
    """Return by student id when each one handed in; nothing where there is no file.

    Raises:
        UsageError: it is malformed, names a student twice or one whom the roster does not, or a time without zone.
    """
    if not path.is_file():
        return {}
    try:
        _check_size(path)
        return parse_submission_times(path.read_text(encoding="utf-8-sig"), students)
    except (OSError, UnicodeDecodeError, ValueError, csv.Error) as error:
        raise UsageError(f"{path}: {error}", stage="lateness") from error


def parse_submission_times(text: str, students: frozenset[str]) -> dict[str, HandedIn]:
    """Return the times that a text in the form of `submitted.csv` states.

    Raises:
        ValueError, csv.Error: it is not as it should be.
    """
    reader = csv.DictReader(text.splitlines(), strict=True)
    known = {student.casefold(): student for student in students}
    for column in _COLUMNS[:2]:
        if column not in (reader.fieldnames or ()):
            raise ValueError(f"column {column!r} is missing, expected {','.join(_COLUMNS)}")
    found: dict[str, HandedIn] = {}
    for row in reader:
        where, name = f"line {reader.line_num}", (row["id"] or "").strip()
        student = known.get(name.casefold())
        if student is None:
            raise ValueError(f"{where}: student {name!r}: {did_you_mean(name, students)}")
        if student in found:
            raise ValueError(f"{where}: {student!r} comes twice")
        at = _time(row["submitted"] or "", where)
        due = (row.get("due") or "").strip()
        found[student] = HandedIn(at, _time(due, where) if due else None)
    return found


def times_text(times: Mapping[str, HandedIn]) -> str:
    """Return the times as `submitted.csv` states them."""
    rows = (f"{one},{time.at.isoformat()},{time.due.isoformat() if time.due else ''}" for one, time in times.items())
    return "\n".join([",".join(_COLUMNS), *rows, ""])


def _check_size(path: Path) -> None:
    if path.stat().st_size > _LARGEST:
        raise ValueError("it is larger than 1 MB")


def _time(text: str, where: str) -> datetime:
    try:
        time = datetime.fromisoformat(text.strip())
    except ValueError:
        raise ValueError(f"{where}: {text[:40]!r} is no time, as 2026-11-20T22:10:00+01:00") from None
    if time.tzinfo is None:
        raise ValueError(f"{where}: {text[:40]!r} has no time zone: write 2026-11-20T22:10:00+01:00")
    return time
