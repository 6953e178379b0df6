"""The class of the second rubric gets the marks that the rubric's text gives, by `kitbench grade`; end to end."""

import csv
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
#: The criteria that each student loses, of ten.
LOST: Final = {
    "t01": set[str](),
    "t02": {"rule", "stored_readings"},
    "t03": {"table", "stored_readings"},
    "t04": {"stored_readings"},
}


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_class_gets_its_marks(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "kitbench", "grade", "grading/example_table_class", "--rubric", "course_2024"]

    ended = subprocess.run(
        [*command, "--output", str(tmp_path)], cwd=ROOT, capture_output=True, text=True, timeout=800, check=False
    )

    assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]
    with (tmp_path / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert {name: float(row["points"]) for name, row in rows.items()} == {
        name: 10.0 - len(lost) for name, lost in LOST.items()
    }
    for name, lost in LOST.items():
        assert {criterion for criterion in ("table", "rule", "stored_readings") if rows[name][criterion] == "0"} == lost
