"""Marks by hand: who gave them stands beside them, and what cannot be is a usage error."""

import tomllib
from pathlib import Path

import pytest

from grading.adjusting.overrides import parse_overrides, read_overrides, with_overrides, with_total
from grading.export.gradebook import gradebook_csv
from grading.judgement import Outcome
from grading.marking.result import SubmissionResult
from grading.marking.rubric import read_rubric
from grading.report.pages import submission_page
from kitbench.errors import Fault, UsageError
from tests.grading.results import class_result, result

RUBRIC = read_rubric()


def row(criterion: str, points: float, student: str = "s01") -> str:
    return (
        f'[[override]]\nstudent = "{student}"\ncriterion = "{criterion}"\npoints = {points}\n'
        'comment = "shown at the <bench>"\nby = "J. Doe"\nwhen = 2026-11-30\n'
    )


def overridden(text: str, given: SubmissionResult) -> SubmissionResult:
    overrides = parse_overrides(tomllib.loads(text), RUBRIC, frozenset({"s01", "s02"}))
    return with_total(with_overrides(given, overrides), overrides)


def test_lost_point_is_given_back_with_who_when_and_why() -> None:
    given = overridden(row("traffic", 1), result(fault=Fault.STUDENT))

    mark = given.score["traffic"]
    assert (mark.points, mark.outcome) == (1, Outcome.PASSED)
    assert mark.reason == "by hand (J. Doe, 2026-11-30): shown at the <bench>"
    assert given.score.points == 5


def test_part_of_a_point_makes_a_mark_where_nobody_could_judge() -> None:
    ungraded = result(fault=Fault.BENCH)

    given = overridden(row("traffic", 0.5), ungraded)

    assert ungraded.score.points is None
    assert given.score.points == 4.5
    assert given.score["traffic"].outcome is Outcome.FAILED


def test_total_wins_over_everything_and_others_are_left_alone() -> None:
    text = row("traffic", 1) + row("total", 2.005)

    assert overridden(text, result(fault=Fault.STUDENT)).score.points == pytest.approx(2.0, abs=0.011)
    assert overridden(text, result("s02")) == result("s02")


def test_gradebook_and_page_say_that_it_is_by_hand(tmp_path: Path) -> None:
    given = overridden(row("traffic", 0.5), result())

    page = submission_page(given, RUBRIC, title="A class", folder=tmp_path)
    assert "by hand (J. Doe, 2026-11-30): shown at the &lt;bench&gt;" in page
    assert "by hand (J. Doe" in gradebook_csv(class_result(given))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (row("trafic", 1), "did you mean 'traffic'"),
        (row("traffic", 1, student="s011"), "did you mean 's01'"),
        (row("traffic", 1.5), "may be 0 to 1"),
        (row("total", 6), "may be 0 to 5"),
        (row("traffic", 1) + row("traffic", 0), "two overrides"),
        (row("traffic", 1).replace("by =", "from ="), "unknown field 'from'"),
        (row("traffic", 1).replace('by = "J. Doe"\n', ""), "has no field 'by'"),
        (row("traffic", 1).replace("2026-11-30", '"soon"'), "when is 'soon'"),
        ("[[overide]]\n", "did you mean 'override'"),
        ("[[override]\n", "overrides.toml"),
    ],
)
def test_override_that_cannot_be_is_a_usage_error(tmp_path: Path, text: str, why: str) -> None:
    (tmp_path / "overrides.toml").write_text(text)

    with pytest.raises(UsageError) as caught:
        read_overrides(tmp_path / "overrides.toml", RUBRIC, ["s01", "s02"])

    assert why in str(caught.value)


def test_no_file_is_no_override(tmp_path: Path) -> None:
    assert read_overrides(tmp_path / "overrides.toml", RUBRIC, ["s01"]) == ()


def test_file_too_deep_to_read_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "overrides.toml").write_text("a = " + "[" * 20_000)

    with pytest.raises(UsageError, match=r"overrides\.toml: "):
        read_overrides(tmp_path / "overrides.toml", RUBRIC, ["s01"])
