"""Overrides and lateness in their order: criteria by hand, the late rule, the total by hand."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from grading.adjusting.corrections import Corrections
from grading.marking.late import LateRule
from grading.marking.result import SubmissionResult
from grading.marking.rubric import Rubric, read_rubric
from kitbench.errors import Fault
from tests.grading.results import result

DUE = datetime.fromisoformat("2026-11-20T23:59:00+01:00")
RUBRIC = replace(read_rubric(), late=LateRule(DUE, percent_a_day=10, latest=DUE + timedelta(days=7)))


def override(criterion: str, points: float) -> str:
    return (
        f'[[override]]\nstudent = "s01"\ncriterion = "{criterion}"\npoints = {points}\n'
        'comment = "seen"\nby = "J. Doe"\nwhen = 2026-11-30\n'
    )


def corrected(
    folder: Path,
    *,
    submitted: str = "",
    overrides: str = "",
    given: SubmissionResult | None = None,
    rubric: Rubric = RUBRIC,
) -> SubmissionResult:
    if submitted:
        (folder / "submitted.csv").write_text(f"id,submitted\ns01,{submitted}\n")
    (folder / "overrides.toml").write_text(overrides)
    return Corrections.read(folder, rubric, ["s01"]).applied(given or result())


def test_two_days_cost_a_fifth_of_the_possible_points(tmp_path: Path) -> None:
    late = corrected(tmp_path, submitted="2026-11-22T23:00:00+01:00")

    assert late.score.points == pytest.approx(5 - 0.8)
    assert any(note.startswith("handed in late: 2026-11-22 23:00+01:00, 2 days late: -0.8") for note in late.notes)


def test_after_the_latest_time_nothing_counts(tmp_path: Path) -> None:
    assert corrected(tmp_path, submitted="2026-12-02T00:00:00+01:00").score.points == 0


def test_override_of_a_criterion_comes_before_lateness_and_the_total_after_it(tmp_path: Path) -> None:
    failed = result(fault=Fault.STUDENT)
    submitted = "2026-11-21T12:00:00+01:00"

    assert corrected(tmp_path, submitted=submitted, given=failed).score.points == pytest.approx(4 - 0.4)
    by_hand = override("traffic", 0.5)
    assert corrected(tmp_path, submitted=submitted, given=failed, overrides=by_hand).score.points == pytest.approx(4.1)
    total = by_hand + override("total", 3.25)
    assert corrected(tmp_path, submitted=submitted, given=failed, overrides=total).score.points == 3.25


def test_the_files_own_time_is_taken_where_the_course_states_none(tmp_path: Path) -> None:
    given = result()
    packed = replace(given, facts=replace(given.facts, packed_at="2026-11-22T22:00:00+00:00"))

    late = corrected(tmp_path, given=packed)

    assert late.score.points == pytest.approx(4.2)
    assert any("by its own time" in note for note in late.notes)
    in_time = corrected(tmp_path, given=packed, submitted="2026-11-20T12:00:00+01:00")
    assert in_time.score.points == 5


def test_local_time_of_a_zip_is_read_in_the_courses_zone(tmp_path: Path) -> None:
    given = result()
    at_the_last_minute = replace(given, facts=replace(given.facts, packed_at="2026-11-20T23:58:00"))

    assert corrected(tmp_path, given=at_the_last_minute).score.points == 5


def test_time_that_nobody_stated_costs_nothing_and_is_said(tmp_path: Path) -> None:
    given = corrected(tmp_path)

    assert given.score.points == 5
    assert "no lateness was judged" in given.notes[-1]


def test_rubric_without_the_rule_leaves_results_alone(tmp_path: Path) -> None:
    rubric = replace(RUBRIC, late=None)

    assert corrected(tmp_path, submitted="2026-12-02T00:00:00+01:00", rubric=rubric).score == result().score


def test_what_nobody_could_grade_stays_so(tmp_path: Path) -> None:
    given = corrected(tmp_path, submitted="2026-11-22T23:00:00+01:00", given=result(fault=Fault.BENCH))

    assert given.score.points is None
