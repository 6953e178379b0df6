"""A class of thirty through the command line: killed, resumed, rescored, corrected by hand, late, exported, compared.

The bench stands behind it without kits, as kits are tried elsewhere; hand-ins are read and judged as ever.
"""

import csv
import json
import re
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from grading.example_class.large_class import COUNT, PAIRS, own_answer, own_source, renamed
from kitbench.command_line import cli, run
from kitbench.exit_status import ExitStatus
from tests.grading.desk.fake_class import RightBench, behind, class_of, grade
from tests.grading.synthetic import ENDPOINT, KEY_OFFSET

ROOT = Path(__file__).parents[3]
NAMES = tuple(f"s{number:02}" for number in range(1, COUNT + 1))
#: Dies by SIGKILL in the middle of the class, as when somebody closes the lid.
DYING = """
import os, signal, sys
import pytest
from tests.grading.desk.fake_class import RightBench, behind, grade

class Dying(RightBench):
    def run_suite(self, *arguments):
        if len(self.runs) >= 24:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().run_suite(*arguments)

behind(pytest.MonkeyPatch(), Dying())
grade(*sys.argv[1:])
"""


@dataclass(frozen=True)
class Thirty:
    """The class and its results."""

    folder: Path
    output: Path

    def grade(self, patch: pytest.MonkeyPatch, *options: str | Path) -> tuple[int, RightBench]:
        bench = RightBench()
        behind(patch, bench)
        return grade(self.folder, "--output", self.output, *options), bench

    def points(self) -> dict[str, str]:
        with (self.output / "grades.csv").open(encoding="utf-8", newline="") as file:
            return {row["id"]: row["points"] for row in csv.DictReader(file)}


def write_own_work(folder: Path) -> None:
    """Give everybody an answer, a source and a dump of his own, but for the three pairs."""
    dumps, answers, sources = ({copy: original} for original, copy in PAIRS)
    for number, name in enumerate(NAMES, start=1):
        own = folder / "submissions" / name
        answer = own_answer(int(answers[name][1:]) if name in answers else number)
        (own / "answers.toml").write_text(
            f'endpoint = "{ENDPOINT}"\nanswer = "{answer}"\n[key]\noffset = {KEY_OFFSET:#x}\n', encoding="utf-8"
        )
        source = renamed(own_source(int(sources[name][1:]))) if name in sources else own_source(number)
        (own / "project" / "main" / "own.c").write_text(source, encoding="utf-8")
        for dump in ("flash.bin", "flash_atecc608a.bin"):
            content = bytearray((own / dump).read_bytes())
            mine = dumps.get(name, name) if dump == "flash.bin" else name
            content[0x80000 : 0x80000 + 64] = f"the kit of {mine}".encode().ljust(64, b".")
            (own / dump).write_bytes(content)


@pytest.fixture(name="thirty", scope="module")
def _thirty(tmp_path_factory: pytest.TempPathFactory) -> Thirty:
    """The class, graded after the first try was killed."""
    work = tmp_path_factory.mktemp("thirty")
    folder = class_of(work / "class", *NAMES, columns=",name,email", cells=",Name {name},{name}@uni.example")
    write_own_work(folder)
    thirty = Thirty(folder, work / "grades")
    command = [sys.executable, "-c", DYING, str(folder), "--output", str(thirty.output), "--jobs", "2"]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=300, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr[-2000:]
    return thirty


@pytest.fixture(name="graded", scope="module")
def _graded(thirty: Thirty) -> tuple[Thirty, int, RightBench]:
    patch = pytest.MonkeyPatch()
    status, bench = thirty.grade(patch)
    patch.undo()
    return thirty, status, bench


def test_killed_class_goes_on_where_it_ended(graded: tuple[Thirty, int, RightBench]) -> None:
    thirty, status, bench = graded

    assert status == ExitStatus.GOOD
    # 24 runs were begun, two a student; those of two students may have been in the middle.
    assert 2 * COUNT - 24 <= len(bench.runs) <= 2 * COUNT - 24 + 4
    assert thirty.points() == dict.fromkeys(NAMES, "5")


def test_three_planted_pairs_and_no_other_have_something_in_common(graded: tuple[Thirty, int, RightBench]) -> None:
    page = (graded[0].output / "across.html").read_text(encoding="utf-8")

    rows = re.findall(r'<th scope="row">(.*?)</th>\s*<td>(.*?)</td>', page, re.DOTALL)
    found = {(tuple(re.findall(r">(s\d\d)</a>", who)), what.partition(" by")[0]) for who, what in rows}
    assert found == {
        (PAIRS[0], "the same dump"),
        (PAIRS[1], "the same written answer"),
        (PAIRS[2], "sources alike"),
    }


def test_rescore_needs_no_kit(graded: tuple[Thirty, int, RightBench], capsys: pytest.CaptureFixture[str]) -> None:
    thirty, *_ = graded
    rubric = thirty.output.parent / "new.toml"
    text = (thirty.output / "rubric.toml").read_text(encoding="utf-8")
    rubric.write_text(
        text.replace('title = "Publishes and receives"\npoints = 1', 'title = "Publishes and receives"\npoints = 2'),
        encoding="utf-8",
    )
    assert rubric.read_text(encoding="utf-8") != text

    assert run(cli, ["rescore", str(thirty.output), "--rubric", str(rubric), "--dry-run"]) == ExitStatus.GOOD

    assert capsys.readouterr().out.splitlines() == [f"{name} traffic: 1 -> 2" for name in NAMES]


def corrected(thirty: Thirty) -> dict[str, str]:
    """Lay marks by hand, a late rule and times beside the roster; return the points that follow."""
    rubric = (thirty.output / "rubric.toml").read_text(encoding="utf-8")
    late = "\n[late]\ndue = 2026-11-20T12:00:00+01:00\ngrace = 10\npercent_a_day = 7.1\nlatest = 2026-11-25T12:00:00Z\n"
    (thirty.folder / "rubric.toml").write_text(rubric + late, encoding="utf-8")
    hand = (
        '[[override]]\nstudent = "{}"\ncriterion = "{}"\npoints = {}\ncomment = "c"\nby = "J. Doe"\nwhen = 2026-11-30\n'
    )
    marks = [("s01", "traffic", 0.335), ("s02", "traffic", 0.5), ("s03", "total", 4.125)]
    (thirty.folder / "overrides.toml").write_text("".join(hand.format(*one) for one in marks), encoding="utf-8")
    times = {
        **dict.fromkeys(NAMES, "2026-11-20T11:05:00Z"),  # five minutes late, within the grace
        "s02": "2026-11-21T13:00:00+01:00",  # two days have begun
        "s03": "2026-11-24T13:00:00+01:00",  # the total by hand has the last word
        "s05": "2026-11-20T12:11:00+01:00",  # eleven minutes are a day
        "s06": "2026-11-26T00:00:00Z",  # after the latest time
    }
    rows = [f"{name},{time}," for name, time in times.items()]
    rows[6] = "s07,2026-11-22T12:00:00+01:00,2026-11-22T12:00:00+01:00"  # an extension
    (thirty.folder / "submitted.csv").write_text("\n".join(["id,submitted,due", *rows]) + "\n", encoding="utf-8")
    # 0.335 is 0.34, 4.125 is 4.13; a day costs 7.1 % of four points, which is 0.28, and two cost 0.57.
    changed = {"s01": "4.34", "s02": "3.93", "s03": "4.13", "s05": "4.72", "s06": "0"}
    return dict.fromkeys(NAMES, "5") | changed


def gradebooks(folder: Path) -> Mapping[str, Path]:
    """Write what each platform gives to be filled in, by option; students under other names than the roster's ids."""
    files = {name: folder / f"{name}.csv" for name in ("canvas", "moodle", "blackboard")}
    texts = {
        "canvas": ["Student,ID,SIS User ID,SIS Login ID,Section,Lab (7)", "    Points Possible,,,,,5"]
        + [f"Name {name},{9000 + at},,{name},A," for at, name in enumerate(NAMES)],
        "moodle": ["Identifier,Email address,Grade,Maximum grade,Last modified (grade),Feedback comments"]
        + [f"Participant {at},{name}@uni.example,,5.00,-," for at, name in enumerate(NAMES)],
        "blackboard": ['"Last Name","First Name","Username","Lab [Total Pts: 5 Score] |77"']
        + [f'"Name","N","{name}",""' for name in NAMES],
    }
    for name, lines in texts.items():
        files[name].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return files


def read_back(path: Path, who: str, column: str) -> dict[str, str]:
    with path.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if "Points Possible" not in "".join(filter(None, row.values()))]
    return {row[who].partition("@")[0]: row[column] for row in rows}


def test_marks_by_hand_and_late_days_are_in_every_export(
    graded: tuple[Thirty, int, RightBench], monkeypatch: pytest.MonkeyPatch
) -> None:
    thirty, *_ = graded
    expected = corrected(thirty)
    files = gradebooks(thirty.output.parent)
    options = [option for name, file in files.items() for option in (f"--{name}", str(file))]

    status, bench = thirty.grade(monkeypatch, *options, "--canvas-assignment", "Lab", "--blackboard-column", "Lab")

    assert (status, bench.runs, bench.audits) == (ExitStatus.GOOD, [], 0)
    assert thirty.points() == expected
    assert read_back(thirty.output / "canvas.csv", "SIS Login ID", "Lab (7)") == expected
    assert read_back(thirty.output / "moodle.csv", "Email address", "Grade") == expected
    assert read_back(thirty.output / "blackboard.csv", "Username", "Lab [Total Pts: 5 Score] |77") == expected
    for name, points in expected.items():
        own = thirty.output / "submissions" / name
        assert f"{json.loads((own / 'results.json').read_text(encoding='utf-8'))['score']:g}" == points
        for page in (own / "index.html", thirty.output / "feedback" / f"{name}.html"):
            assert f"<b>{points}</b> of 4 points" in page.read_text(encoding="utf-8")
    feedback = (thirty.output / "feedback" / "s03.html").read_text(encoding="utf-8")
    assert "the total is by hand (J. Doe, 2026-11-30): c" in feedback
