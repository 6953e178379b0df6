"""The grader is right about dumps of the lab, each kind alone and all of them as a class of `kitbench grade`."""

import json
import shutil
from pathlib import Path
from typing import Any, Final

import pytest

from grading.command_line import command
from grading.judgement import Outcome
from grading.marking.rubric import read_rubric
from kitbench.command_line import run
from tests.corpus.desk import desk
from tests.corpus.dump_lab_kinds import DUMP_LAB, RUBRIC
from tests.corpus.kind import Kind
from tests.corpus.verdict import judge

SHA: Final = "0f" * 32
#: One right hand-in and five wrong ones.
CLASS: Final = (
    *[kind for kind in DUMP_LAB if Outcome.FAILED not in kind.outcomes.values()][:1],
    *[kind for kind in DUMP_LAB if Outcome.FAILED in kind.outcomes.values()][1:6],
)


@pytest.mark.parametrize(
    "kind",
    [pytest.param(kind, marks=[] if kind.is_quick else [pytest.mark.slow], id=kind.name) for kind in DUMP_LAB],
)
def test_kind_gets_the_marks_that_it_must(kind: Kind) -> None:
    verdict = judge(kind)

    assert verdict.errors() == {}, [mark.reason for mark in verdict.result.score.marks]


@pytest.mark.slow
def test_class_of_the_lab_is_graded_by_the_command(tmp_path: Path) -> None:
    folder = tmp_path / "class"
    (folder / "submissions").mkdir(parents=True)
    lines = ["id,endpoint,certificate_sha256"]
    for number, kind in enumerate(CLASS):
        name = f"s{number:02}"
        lines.append(f"{name},a.example,{SHA}")
        (tmp_path / name).mkdir()
        made = kind.make(desk(tmp_path / name, name=name))
        _hand_in(made, folder / "submissions" / name, is_zip=number % 2 == 1)
    (folder / "roster.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")

    status = run(command, [str(folder), "--rubric", "dump_lab", "--output", str(tmp_path / "grades")])

    assert status == 0
    scores = [_results(tmp_path / "grades", f"s{number:02}") for number in range(len(CLASS))]
    for kind, results in zip(CLASS, scores, strict=True):
        lost = [one["name"] for one in results["tests"] if one["score"] < one["max_score"]]
        assert lost == [_title(one) for one, outcome in kind.outcomes.items() if outcome is not Outcome.PASSED], kind
        assert sum(one["score"] for one in results["tests"]) == 3 - len(lost)


def test_kinds_are_about_this_rubric() -> None:
    criteria = {criterion.id for criterion in read_rubric(RUBRIC).criteria}

    assert len({kind.name for kind in DUMP_LAB}) == len(DUMP_LAB)
    assert all(set(kind.outcomes) == criteria for kind in DUMP_LAB)
    assert {one for kind in CLASS for one, mark in kind.outcomes.items() if mark is Outcome.FAILED} == criteria


def _hand_in(made: Path, place: Path, *, is_zip: bool) -> None:
    if is_zip:
        shutil.make_archive(str(place), "zip", made)
    else:
        shutil.copytree(made, place)


def _results(grades: Path, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((grades / "submissions" / name / "results.json").read_text(encoding="utf-8"))
    return found


def _title(criterion: str) -> str:
    return next(one.title for one in read_rubric(RUBRIC).criteria if one.id == criterion)
