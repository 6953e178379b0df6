"""Every criterion of the rubric: kept by the good submission, lost by the run that spoils it, never by the bench."""

from dataclasses import replace
from typing import Any

import pytest

from grading.judgement import UNCLAIMED, Outcome, Problem, not_graded
from grading.marking.rubric import CheckGroup, read_rubric
from grading.marking.score import judge_checks, score, score_criterion
from grading.variant import Variant
from kitbench.errors import NO_RELAY, Fault
from tests.grading.synthetic import (
    assert_only,
    check,
    facts,
    failing,
    report,
    submission,
)

RUBRIC = read_rubric()
KEY, CHIP = Variant.EMBEDDED_KEY, Variant.ATECC608A
BENCH_PROBLEM = Problem(Fault.BENCH, "flash", "port busy")


def test_good_submission_earns_everything() -> None:
    scored = score(RUBRIC, facts())

    assert [mark.points for mark in scored.marks] == [1, 1, 1, 1, 1]
    assert scored.points == 5
    assert scored.is_graded


@pytest.mark.parametrize("criterion", ["connects", "traffic"])
def test_failed_check_costs_its_criterion_alone(criterion: str) -> None:
    run = report(KEY, failing("broken", criterion, KEY, reason="it said nothing"), exit_status=1)

    scored = score(RUBRIC, facts(runs={KEY: run}))

    assert_only({criterion}, Outcome.FAILED, scored)
    assert scored[criterion].reason.startswith("it said nothing")


@pytest.mark.parametrize(
    ("where_possible", "no_relay", "outcome"),
    [
        (True, True, Outcome.PASSED),
        (False, True, Outcome.NOT_GRADED),
        (True, False, Outcome.NOT_GRADED),  # firmware may choose the words of a gap, never the bench's own field
    ],
)
def test_part_that_an_attached_kit_cannot_show_is_left_out_where_the_rubric_says_so(
    outcome: Outcome, *, where_possible: bool, no_relay: bool
) -> None:
    check = replace(failing("refuses", "connects", KEY, reason="no relay", fault=Fault.BENCH), lacks=NO_RELAY)
    check = replace(check, outcome=Outcome.NOT_GRADED, no_relay=no_relay)
    group = CheckGroup(KEY, "connects", (report(KEY).checks[0].name,), where_possible)

    judged = judge_checks(group, facts(runs={KEY: report(KEY, check, exit_status=1)}))

    assert judged.outcome is outcome
    assert ("not looked at on this kit" in judged.reason) == (outcome is Outcome.PASSED)


def test_criterion_of_which_nothing_could_be_shown_is_not_graded() -> None:
    unseen: dict[str, Any] = {"outcome": Outcome.NOT_GRADED, "fault": Fault.BENCH, "no_relay": True}
    unseen |= {"reason": "no relay"}
    checks = (replace(one, **(unseen if one.criterion == "connects" else {})) for one in report(KEY).checks)
    run = report(KEY, checks=tuple(checks))
    left_out, shown = (CheckGroup(KEY, name, where_possible=True) for name in ("connects", "traffic"))
    alone = replace(RUBRIC.criteria[0], requires=(), checks=(left_out,))

    mark = score_criterion(alone, facts(runs={KEY: run}))
    beside = score_criterion(replace(alone, checks=(left_out, shown)), facts(runs={KEY: run}))

    assert (mark.outcome, mark.points) == (Outcome.NOT_GRADED, None)
    assert beside.outcome is Outcome.PASSED


@pytest.mark.parametrize("fault", [Fault.BENCH, Fault.CLOUD, Fault.CALLER])
def test_fault_of_others_is_not_graded(fault: Fault) -> None:
    run = report(KEY, failing("receives", "traffic", KEY, reason="broker gone", fault=fault), exit_status=1)

    scored = score(RUBRIC, facts(runs={KEY: run}))

    assert_only({"traffic"}, Outcome.NOT_GRADED, scored)
    assert scored["traffic"].points is None
    assert scored["traffic"].fault is fault
    assert scored.points is None


def test_gap_of_a_stand_in_is_named_though_nothing_was_built() -> None:
    checks = [
        replace(one, outcome=Outcome.NOT_GRADED, fault=Fault.BENCH, stage="build", reason="build: no C++", lacks="C++")
        for one in report(KEY).checks
    ]
    run = report(KEY, checks=tuple(checks), exit_status=1, variants_built=())

    scored = score(RUBRIC, facts(runs={KEY: run, CHIP: report(CHIP)}))

    marks = [mark for mark in scored.marks if mark.outcome is not Outcome.PASSED]
    assert {mark.criterion.id for mark in marks} == {"connects", "traffic"}
    assert {(mark.outcome, mark.points, mark.lacks, mark.reason) for mark in marks} == {
        (Outcome.NOT_GRADED, None, "C++", "no C++")
    }


def test_failure_that_blames_nobody_is_not_graded() -> None:
    broken = check("broken", "traffic", KEY, outcome=Outcome.FAILED, fault=None, reason="hm")

    scored = score(RUBRIC, facts(runs={KEY: report(KEY, broken)}))

    assert_only({"traffic"}, Outcome.NOT_GRADED, scored)


def test_check_that_could_not_look_costs_nothing_whomever_it_blames() -> None:
    unseen = check("unseen", "traffic", KEY, outcome=Outcome.NOT_GRADED, fault=Fault.STUDENT, reason="hm")

    scored = score(RUBRIC, facts(runs={KEY: report(KEY, unseen)}))

    assert_only({"traffic"}, Outcome.NOT_GRADED, scored)


def test_only_a_bonus_can_be_left_unclaimed() -> None:
    scored = score(RUBRIC, facts())
    untried = (not_graded("not tried", stage=UNCLAIMED),)

    assert replace(scored["secure_element"], judgements=untried).is_unclaimed
    assert not replace(scored["connects"], judgements=untried).is_unclaimed


@pytest.mark.parametrize(
    "changes",
    [
        {"complete": False},
        {"exit_status": None},
        {"exit_status": 2},
        {"exit_status": 5},
        {"checks": ()},
        {"variants_built": ()},
        {"variants_built": ("atecc608a",)},
        {"expected_checks": ("test_it.py::test_never_ran[embedded_key]",)},
    ],
)
def test_report_that_shows_less_than_everything_is_not_graded(changes: dict[str, Any]) -> None:
    scored = score(RUBRIC, facts(runs={KEY: replace(report(KEY), **changes)}))

    assert_only({"connects", "traffic"}, Outcome.NOT_GRADED, scored)


def test_incomplete_report_does_not_even_cost_what_failed() -> None:
    run = report(KEY, failing("broken", "connects", KEY, reason="gone"), complete=False)

    assert score(RUBRIC, facts(runs={KEY: run}))["connects"].outcome is Outcome.NOT_GRADED


def test_failed_check_costs_only_the_criteria_that_name_it() -> None:
    checks = (check("blinks", "connects", KEY), failing("beeps", "connects", KEY, reason="no sound"))
    run = report(KEY, checks=checks, expected_checks=tuple(one.nodeid for one in checks))
    given = facts(runs={KEY: run})

    assert judge_checks(CheckGroup(KEY, "connects", ("blinks",)), given).outcome is Outcome.PASSED
    assert judge_checks(CheckGroup(KEY, "connects", ("beeps",)), given).outcome is Outcome.FAILED
    assert judge_checks(CheckGroup(KEY, "connects"), given).outcome is Outcome.FAILED  # asks for all


def test_check_that_must_run_is_missed() -> None:
    group = CheckGroup(KEY, "connects", ("is_refused_without_certificate",))

    judgement = judge_checks(group, facts())

    assert judgement.outcome is Outcome.NOT_GRADED
    assert "is_refused_without_certificate" in judgement.reason


@pytest.mark.parametrize(
    "name", [name for criterion in RUBRIC.criteria for group in criterion.checks for name in group.must_run]
)
def test_each_check_of_the_rubric_is_missed(name: str) -> None:
    runs = {variant: report(variant) for variant in Variant}
    fewer = {
        variant: replace(
            run,
            checks=tuple(one for one in run.checks if one.name != name),
            expected_checks=tuple(one.nodeid for one in run.checks if one.name != name),
        )
        for variant, run in runs.items()
    }

    assert not score(RUBRIC, facts(runs=fewer)).is_graded


def test_check_of_another_variant_does_not_count() -> None:
    run = report(KEY)
    elsewhere = tuple(replace(one, variant="atecc608a") for one in run.checks)

    assert_only(
        {"connects", "traffic"}, Outcome.NOT_GRADED, score(RUBRIC, facts(runs={KEY: replace(run, checks=elsewhere)}))
    )


def test_run_that_the_bench_lost_is_not_graded() -> None:
    scored = score(RUBRIC, facts(runs={KEY: BENCH_PROBLEM}))

    assert_only({"connects", "traffic"}, Outcome.NOT_GRADED, scored)
    assert scored["connects"].reason == "port busy"


def test_missing_project_costs_what_needs_it() -> None:
    handed_in = submission(projects={CHIP: submission().projects[CHIP]})
    complete = facts(handed_in)
    without = replace(complete, runs={CHIP: complete.runs[CHIP]})

    assert_only({"connects", "traffic"}, Outcome.FAILED, score(RUBRIC, without))


def test_what_may_lie_in_an_archive_that_is_not_read_costs_no_point() -> None:
    handed_in = submission(projects={CHIP: submission().projects[CHIP]}, unread="project.7z: 7z archives are not read")
    complete = facts(handed_in)

    scored = score(RUBRIC, replace(complete, runs={CHIP: complete.runs[CHIP]}))

    assert_only({"connects", "traffic"}, Outcome.NOT_GRADED, scored)
    assert scored["traffic"].reason == (
        "project/ is missing, and what may hold it is not read: project.7z: 7z archives are not read"
    )


def test_project_that_was_not_run_is_not_graded() -> None:
    complete = facts()

    scored = score(RUBRIC, replace(complete, runs={CHIP: complete.runs[CHIP]}))

    assert_only({"connects", "traffic"}, Outcome.NOT_GRADED, scored)


def test_key_in_the_benchs_own_dump_costs_the_bonus() -> None:
    run = report(CHIP, failing("key_is_absent", "secure_element", CHIP, reason="a private key is at 0x2a000"))

    assert_only({"secure_element"}, Outcome.FAILED, score(RUBRIC, facts(runs={CHIP: run})))


@pytest.mark.parametrize("part", ["projects", "dumps"])
def test_bonus_that_was_not_tried_costs_no_point_of_the_four(part: str) -> None:
    handed_in = submission(**{part: {KEY: getattr(submission(), part)[KEY]}})
    complete = facts(handed_in)
    without = replace(complete, runs={KEY: complete.runs[KEY]}, audits={KEY: complete.audits[KEY]})

    scored = score(RUBRIC, without)

    assert_only({"secure_element"}, Outcome.FAILED, scored)
    assert scored["secure_element"].is_unclaimed is (part == "projects")
    assert scored.points == 4


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(Fault.STUDENT, Outcome.FAILED), (Fault.BENCH, Outcome.NOT_GRADED), (Fault.CALLER, Outcome.NOT_GRADED)],
)
def test_submission_that_could_not_be_read_decides_everything(fault: Fault, outcome: Outcome) -> None:
    scored = score(RUBRIC, facts(Problem(fault, "unpack", "a link")))

    assert {mark.outcome for mark in scored.marks} == {outcome}
    assert {mark.reason for mark in scored.marks} == {"a link"}
