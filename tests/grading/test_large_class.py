"""The class of thirty as the example's generator makes it: built, flashed and dumped on virtual kits. Minutes."""

import csv
import re
import subprocess
import sys
from pathlib import Path

import pytest

from grading.example_class.large_class import COUNT, PAIRS, own_answer, own_source, renamed
from grading.hand_in.source_prints import source_prints

ROOT = Path(__file__).parents[2]


def test_everybody_has_words_and_code_of_his_own() -> None:
    numbers = range(1, COUNT + 1)
    prints = [source_prints(own_source(number)) for number in numbers]

    assert len({own_answer(number) for number in numbers}) == COUNT
    assert all(len(one) > 50 for one in prints)
    shared = [len(one & other) / len(one) for at, one in enumerate(prints) for other in prints[:at]]
    assert max(shared) < 0.25
    assert source_prints(renamed(own_source(11))) == prints[10]


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_generated_class_has_its_dumps_audited_and_its_pairs_found(tmp_path: Path) -> None:
    generate = [str(ROOT / "grading" / "example_class" / "generate.py"), "--large", "--output", str(tmp_path / "class")]
    grade = [
        "-m",
        "kitbench",
        "grade",
        str(tmp_path / "class"),
        "--output",
        str(tmp_path / "grades"),
        "--stage",
        "audit",
    ]
    for command in (generate, grade):
        subprocess.run([sys.executable, *command], cwd=ROOT, check=False, capture_output=True, timeout=1400)

    with (tmp_path / "grades" / "grades.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    assert [name for name, row in rows.items() if row["security_analysis"] != "1"] == [PAIRS[0][1]]
    page = (tmp_path / "grades" / "across.html").read_text(encoding="utf-8")
    found = [tuple(re.findall(r">(s\d\d)</a>", who)) for who in re.findall(r'<th scope="row">(.*?)</th>', page)]
    assert set(found) == set(PAIRS)
