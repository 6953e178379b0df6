"""Scoring again by another rubric, through the command line."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from grading.hand_in.class_folder import ClassList
from grading.hand_in.submission import Answers, Submission
from grading.marking.result import results_folder
from grading.marking.rubric import read_rubric, rubric_text
from grading.marking.run_report import RunReport
from grading.records.kept_result import keep, read_kept
from grading.results_writer import RUBRIC_FILE
from grading.variant import Variant
from kitbench.command_line import cli, run
from kitbench.exit_status import ExitStatus
from tests.grading.handed_in import hand_in
from tests.grading.records.test_kept_results import grade
from tests.grading.running.test_class_run import entry, own_key
from tests.grading.synthetic import KEY_OFFSET


@pytest.fixture(name="grades")
def _grades(tmp_path: Path) -> Path:
    """The results of a class of one."""
    output = tmp_path / "grades"
    students = ClassList(entries=((entry("s01"), hand_in(tmp_path / "s01")),))
    grade(output, own_key(), students)
    return output


def rubric_with(tmp_path: Path, old: str, new: str) -> str:
    text = rubric_text()
    assert old in text
    path = tmp_path / "new.toml"
    path.write_text(text.replace(old, new))
    return str(path)


def test_other_points_change_marks_and_gradebook(
    grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rubric = rubric_with(tmp_path, 'title = "Custom endpoint"\npoints = 1', 'title = "Custom endpoint"\npoints = 3')

    status = run(cli, ["rescore", str(grades), "--rubric", rubric])

    assert status == ExitStatus.GOOD
    assert capsys.readouterr().out.splitlines() == ["s01 endpoint: 1 -> 3"]
    assert "7,6,graded" in (grades / "grades.csv").read_text()
    assert (grades / RUBRIC_FILE).read_text() == Path(rubric).read_text()


def test_dry_run_changes_nothing(grades: Path, tmp_path: Path) -> None:
    before = {path: path.read_bytes() for path in grades.rglob("*") if path.is_file()}
    rubric = rubric_with(tmp_path, 'title = "Custom endpoint"\npoints = 1', 'title = "Custom endpoint"\npoints = 3')

    assert run(cli, ["rescore", str(grades), "--rubric", rubric, "--dry-run"]) == ExitStatus.GOOD

    assert {path: path.read_bytes() for path in grades.rglob("*") if path.is_file()} == before


def test_tolerance_is_applied_to_what_was_measured(
    grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = read_kept(grades / "submissions" / "s01")
    assert kept is not None
    submission = kept.facts.submission
    assert isinstance(submission, Submission)
    assert isinstance(submission.answers, Answers)
    answers = replace(submission.answers, key_offset=KEY_OFFSET + 40)
    facts = replace(kept.facts, submission=replace(submission, answers=answers))
    result = replace(kept.scored(read_rubric()), facts=facts)
    keep(results_folder(grades, kept.facts.student), result, origin=kept.origin, rules=kept.rules)

    run(
        cli,
        ["rescore", str(grades), "--rubric", rubric_with(tmp_path, "offset_tolerance = 15", "offset_tolerance = 64")],
    )

    assert capsys.readouterr().out.splitlines() == ["s01 security_analysis: 0 -> 1"]


def test_rules_that_a_kit_must_run_for_are_said(
    grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rubric = rubric_with(tmp_path, "message_budget = 1200", "message_budget = 1201")

    assert run(cli, ["rescore", str(grades), "--rubric", rubric]) == ExitStatus.CANNOT_JUDGE
    assert "needs a run: s01: its traffic rules, message budget or rule about" in capsys.readouterr().out


def test_folder_without_results_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rubric = rubric_with(tmp_path, "message_budget = 1200", "message_budget = 1201")

    assert run(cli, ["rescore", str(tmp_path), "--rubric", rubric]) == ExitStatus.USAGE
    assert "holds no results of a class" in capsys.readouterr().err


def test_check_that_never_ran_is_no_pass(grades: Path, tmp_path: Path) -> None:
    kept = read_kept(grades / "submissions" / "s01")
    assert kept is not None
    whole = kept.facts.runs[Variant.EMBEDDED_KEY]
    assert isinstance(whole, RunReport)
    part = replace(whole, checks=tuple(one for one in whole.checks if "boots" in one.name), expected_checks=())
    facts = replace(kept.facts, runs={**kept.facts.runs, Variant.EMBEDDED_KEY: part})
    result = replace(kept.scored(read_rubric()), facts=facts)
    keep(results_folder(grades, kept.facts.student), result, origin=kept.origin, rules=kept.rules)
    open_rubric = re.sub(r"must_run = \[[^]]*\]\n", "", rubric_text())
    (tmp_path / "open.toml").write_text(open_rubric)

    assert run(cli, ["rescore", str(grades), "--rubric", str(tmp_path / "open.toml")]) == ExitStatus.CANNOT_JUDGE
    assert "not graded" in (grades / "grades.csv").read_text()


def test_student_of_whom_nothing_was_kept_stays_in_the_class(grades: Path, tmp_path: Path) -> None:
    rubric = rubric_with(tmp_path, 'title = "Custom endpoint"\npoints = 1', 'title = "Custom endpoint"\npoints = 3')
    (grades / "submissions" / "s01" / "kept.json").unlink()

    for _ in range(2):
        assert run(cli, ["rescore", str(grades), "--rubric", rubric]) == ExitStatus.CANNOT_JUDGE
    assert "s01,not graded" in (grades / "grades.csv").read_text()


def test_marks_by_hand_of_the_last_run_stay(grades: Path, tmp_path: Path) -> None:
    (grades / "overrides.toml").write_text(
        '[[override]]\nstudent = "s01"\ncriterion = "traffic"\npoints = 0.5\n'
        'comment = "late"\nby = "J. Doe"\nwhen = 2026-11-30\n'
    )
    rubric = rubric_with(tmp_path, 'title = "Custom endpoint"\npoints = 1', 'title = "Custom endpoint"\npoints = 3')

    run(cli, ["rescore", str(grades), "--rubric", rubric])

    row = (grades / "grades.csv").read_text().splitlines()[1]
    assert row.startswith("s01,6.5,")
    assert "by hand (J. Doe, 2026-11-30): late" in row


def test_lateness_that_a_rubric_adds_is_said_and_applied(
    grades: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (grades / "submitted.csv").write_text("id,submitted\ns01,2026-11-22T12:00:00+01:00\n")
    rule = "\n[late]\ndue = 2026-11-20T23:59:00+01:00\npercent_a_day = 10\n"
    rubric = tmp_path / "late.toml"
    rubric.write_text((grades / RUBRIC_FILE).read_text() + rule)

    run(cli, ["rescore", str(grades), "--rubric", str(rubric)])

    assert "s01 late: 0 -> -0.8" in capsys.readouterr().out
    assert (
        "handed in late: 2026-11-22 12:00+01:00, 2 days late"
        in (grades / "submissions" / "s01" / "index.html").read_text()
    )
