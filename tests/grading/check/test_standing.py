"""Kept, lost, or not shown yet: by what is there, and by whose fault it is."""

from dataclasses import replace
from typing import Any

import pytest

from grading.check.advice import GAP, NOT_JUDGED
from grading.check.own_entry import completed, given_entry
from grading.check.parts import MAKE, Part, parts_there
from grading.check.standing import CriterionStanding, Standing, points, standings
from grading.hand_in.submission import Answers, Submission
from grading.judgement import MISSING, Problem
from grading.marking.facts import Facts
from grading.marking.rubric import read_rubric
from grading.variant import Variant
from kitbench.errors import Fault
from tests.grading.synthetic import ENDPOINT, absent, failing, found, report, submission
from tests.grading.synthetic import facts as known

RUBRIC = read_rubric()
KEY = Variant.EMBEDDED_KEY


def missing(what: str) -> Problem:
    return Problem(Fault.STUDENT, MISSING, f"{what} is missing")


def stand(facts: Facts) -> dict[str, CriterionStanding]:
    assert isinstance(facts.submission, Submission)
    student, _ = completed(given_entry(None, None), replace(facts.submission, dumps={}))
    there = parts_there(facts.submission, student)
    return {one.criterion.id: one for one in standings(RUBRIC, replace(facts, student=student), there)}


def words(facts: Facts) -> dict[str, str]:
    return {name: one.standing.value for name, one in stand(facts).items()}


def whole(**changes: Any) -> Facts:
    """Return the facts of one who did everything right, but for what is changed of the hand-in."""
    return known(replace(submission(), **changes))


def test_everything_right_is_kept() -> None:
    standing = list(stand(whole()).values())

    assert {one.standing for one in standing} == {Standing.KEPT}
    assert points(standing) == RUBRIC.points + RUBRIC.bonus_points
    assert not [fact for one in standing for fact in one.facts if fact.to_do]


NOT_YET = {
    "answers": ({"answers": missing("answers.toml")}, {"endpoint", "security_analysis"}, Part.ANSWERS),
    "certificate": ({"certificate_sha256": missing("certificate.pem.crt")}, {"security_analysis"}, Part.CERTIFICATE),
    "dump": ({"dumps": {KEY: missing("flash.bin")}}, {"endpoint", "security_analysis", "secure_element"}, Part.DUMP),
    "project": (
        {"projects": {}, "sdkconfig_endpoint": missing("project/sdkconfig")},
        {"endpoint", "connects", "traffic", "security_analysis", "secure_element"},
        Part.PROJECT,
    ),
    "chip": ({"projects": {KEY: submission().folder}}, {"secure_element"}, Part.CHIP_PROJECT),
}


@pytest.mark.parametrize(("changes", "criteria", "part"), NOT_YET.values(), ids=NOT_YET)
def test_what_is_not_there_is_not_shown_yet(changes: dict[str, Any], criteria: set[str], part: Part) -> None:
    standing = stand(whole(**changes))

    assert {name for name, one in standing.items() if one.standing is Standing.NOT_SHOWN} == criteria
    assert Standing.LOST not in {one.standing for one in standing.values()}
    assert MAKE[part] in {fact.to_do for one in standing.values() for fact in one.facts}


@pytest.mark.parametrize("answers", [Answers(ENDPOINT, None), Answers(None, 0x2A120)])
def test_what_answers_leave_open_is_not_shown_yet(answers: Answers) -> None:
    assert sorted(words(whole(answers=answers)).values()) == ["kept"] * 4 + ["not shown yet"]


LOST = {
    "offset": ({"answers": Answers(ENDPOINT, 0x100)}, {"security_analysis"}),
    "torn": ({"sdkconfig_endpoint": "b.example"}, {"endpoint"}),
    "cut": (
        {"dumps": dict.fromkeys(Variant, Problem(Fault.STUDENT, "validate", "flash.bin has 7 bytes"))},
        {"endpoint", "security_analysis", "secure_element"},
    ),
    "unreadable": ({"answers": Problem(Fault.STUDENT, "validate", "is not TOML")}, {"endpoint", "security_analysis"}),
}


@pytest.mark.parametrize(("changes", "criteria"), LOST.values(), ids=LOST)
def test_what_is_there_and_wrong_is_lost(changes: dict[str, Any], criteria: set[str]) -> None:
    standing = stand(whole(**changes))

    assert {name for name, one in standing.items() if one.standing is Standing.LOST} == criteria
    assert all(fact.to_do for one in standing.values() for fact in one.facts if fact.standing is Standing.LOST)


def test_each_check_that_failed_is_told_with_its_advice() -> None:
    broken = failing("broken", "connects", KEY, reason="it is silent")
    run = report(KEY, broken, replace(broken, name="mute", criterion="traffic", reason="no word"), exit_status=1)

    standing = stand(known(runs={KEY: run}))

    assert {name: one.standing.value for name, one in standing.items()} == {
        **dict.fromkeys(("endpoint", "security_analysis", "secure_element"), "kept"),
        **dict.fromkeys(("connects", "traffic"), "lost"),
    }
    (fact,) = standing["traffic"].facts
    assert fact.name == "messages_arrive_and_stand_on_the_serial_line"
    assert fact.reason.startswith("no word")


def test_run_that_ended_early_is_not_shown() -> None:
    for run in (report(KEY, complete=False), report(KEY, exit_status=2), Problem(Fault.BENCH, "run", "no time")):
        assert {words(known(runs={KEY: run}))[name] for name in ("connects", "traffic")} == {"not shown yet"}


@pytest.mark.parametrize(("fault", "lacks", "to_do"), [(Fault.BENCH, "", NOT_JUDGED), (Fault.BENCH, "a servo", GAP)])
def test_fault_of_others_is_not_shown_and_not_lost(fault: Fault, lacks: str, to_do: str) -> None:
    broken = replace(failing("broken", "traffic", KEY, reason="no broker", fault=fault), lacks=lacks)

    (fact,) = stand(known(runs={KEY: report(KEY, broken, exit_status=1)}))["traffic"].facts

    assert (fact.standing, fact.reason, fact.to_do) == (Standing.NOT_SHOWN, "no broker", to_do)


def test_what_is_lost_weighs_more_than_what_is_missing() -> None:
    torn = whole(sdkconfig_endpoint="b.example", dumps={KEY: missing("flash.bin")})

    assert words(torn)["endpoint"] == "lost"


def test_dump_without_a_certificate_to_look_for_costs_nothing_yet() -> None:
    bare = known(submission(certificate_sha256=missing("certificate.pem.crt")), audits={KEY: found()})

    assert words(bare)["security_analysis"] == "not shown yet"
    assert words(known(audits={KEY: absent()}))["security_analysis"] == "lost"  # control: with one, it does
