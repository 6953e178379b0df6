"""`kitbench grade --anonymous`: nobody's name in the results, everybody's in what goes to a learning platform."""

import csv
import re
import shutil
from pathlib import Path

import pytest

from grading.anonymity.pseudonyms import KEY_FILE
from kitbench.command_line import cli, run
from kitbench.exit_status import ExitStatus
from tests.grading.desk.fake_class import RightBench, behind, class_of, grade

IDS = ("berta.m", "anton.k")
#: What the results may not hold: ids, names in any order, addresses, names of archives.
NAMES = ("berta.m", "anton.k", "Moser", "Berta", "Anton", "Kern", "@uni.example", "77001", "77002")
PEOPLE = {"berta.m": "Berta Moser,berta@uni.example,77001", "anton.k": "Anton Kern,anton@uni.example,77002"}


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = class_of(tmp_path / "class", *IDS, columns=",name,email,canvas", cells=",{name}-person")
    roster = folder / "roster.csv"
    text = roster.read_text(encoding="utf-8")
    for name, person in PEOPLE.items():
        text = text.replace(f"{name}-person", person)
    roster.write_text(text, encoding="utf-8")
    # A remark and a reason that speak of the student, as they follow from what was handed in.
    packed = shutil.make_archive(str(folder / "submissions" / "anton.k"), "zip", folder / "submissions" / "anton.k")
    shutil.rmtree(folder / "submissions" / "anton.k")
    assert Path(packed).name == "anton.k.zip"
    (folder / "submissions" / "berta.m" / "answers.toml").write_text(
        'endpoint = "x"\nanswer = "Berta Moser says: berta@uni.example"\n', encoding="utf-8"
    )
    (folder / "overrides.toml").write_text(
        '[[override]]\nstudent = "anton.k"\ncriterion = "traffic"\npoints = 0.25\n'
        'comment = "seen"\nby = "J. Doe"\nwhen = 2026-11-30\n',
        encoding="utf-8",
    )
    behind(monkeypatch, RightBench())
    return folder


def rows(output: Path) -> list[dict[str, str]]:
    with (output / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def names_in(folder: Path) -> list[str]:
    """Return where a name can be read, in files or their paths."""
    found = []
    for path in sorted(folder.rglob("*")):
        text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
        found += [f"{path}: {name}" for name in NAMES if name in text or name in path.relative_to(folder).as_posix()]
    return found


def test_nobodys_name_is_in_the_results_or_on_the_terminal(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "submissions" / "somebody_else_Moser").mkdir()

    assert grade(folder, "--output", tmp_path / "grades", "--anonymous") == ExitStatus.CANNOT_JUDGE

    printed = capsys.readouterr().out
    assert names_in(tmp_path / "grades") == []
    assert [name for name in NAMES if name in printed] == []
    students = [row["id"] for row in rows(tmp_path / "grades")]
    assert students == sorted(students)
    assert all(re.fullmatch(r"anon-[a-z2-7]{8}", student) for student in students)


def test_results_with_names_have_them_all(folder: Path, tmp_path: Path) -> None:
    """The control: the same search finds names where nothing hides them."""
    grade(folder, "--output", tmp_path / "grades")

    assert len(names_in(tmp_path / "grades")) > 10


def test_export_has_names_and_marks_by_hand(folder: Path, tmp_path: Path) -> None:
    gradebook = tmp_path / "gradebook.csv"
    gradebook.write_text(
        "Student,ID,SIS Login ID,Section,Lab (7)\nMoser,77001,b,A,\nKern,77002,a,A,\n", encoding="utf-8"
    )

    grade(
        *(folder, "--output", tmp_path / "grades", "--anonymous"),
        *("--canvas", gradebook, "--canvas-assignment", "Lab"),
    )

    filled = (tmp_path / "grades" / "canvas.csv").read_text(encoding="utf-8").splitlines()
    assert filled[1:] == ["Moser,77001,b,A,3", "Kern,77002,a,A,4.25"]
    (tmp_path / "grades" / "canvas.csv").unlink()
    assert names_in(tmp_path / "grades") == []


def test_same_class_gets_the_same_pseudonyms_and_is_not_run_again(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grade(folder, "--output", tmp_path / "grades", "--anonymous")
    first = rows(tmp_path / "grades")
    bench = RightBench()
    behind(monkeypatch, bench)

    grade(folder, "--output", tmp_path / "grades", "--anonymous")

    assert (bench.runs, rows(tmp_path / "grades")) == ([], first)
    assert (folder / KEY_FILE).stat().st_mode & 0o077 == 0


def test_marker_names_students_as_the_pages_do(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    grade(folder, "--output", tmp_path / "grades", "--anonymous")
    anton = next(row["id"] for row in rows(tmp_path / "grades") if row["traffic"] == "0.25")
    overrides = folder / "overrides.toml"
    overrides.write_text(
        overrides.read_text(encoding="utf-8").replace("anton.k", anton).replace("0.25", "0.75"), encoding="utf-8"
    )
    bench = RightBench()
    behind(monkeypatch, bench)

    grade(folder, "--output", tmp_path / "grades", "--anonymous", "--only", anton, "--again")

    assert {run for run, _ in bench.runs} != set()
    assert next(row["traffic"] for row in rows(tmp_path / "grades") if row["id"] == anton) == "0.75"
    assert run(cli, ["rescore", str(tmp_path / "grades"), "--rubric", str(tmp_path / "grades" / "rubric.toml")]) == 0
    assert next(row["traffic"] for row in rows(tmp_path / "grades") if row["id"] == anton) == "0.75"


@pytest.mark.parametrize("first", [[], ["--anonymous"]], ids=["names", "pseudonyms"])
def test_names_and_pseudonyms_are_not_mixed(
    folder: Path, tmp_path: Path, first: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    grade(folder, "--output", tmp_path / "grades", *first)

    second = [] if first else ["--anonymous"]
    assert grade(folder, "--output", tmp_path / "grades", *second) == ExitStatus.USAGE
    assert ("results with pseudonyms" if first else "results with names") in capsys.readouterr().err
