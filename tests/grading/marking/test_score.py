"""Every line of the rubric: kept by the good submission, lost by the one thing that spoils it, never by the bench."""

import re
from dataclasses import replace
from typing import Any

import pytest

from grading.hand_in.submission import Answers, Dump
from grading.judgement import UNCLAIMED, Outcome, Problem, not_graded
from grading.marking.audit_verdict import AuditOutcome, DumpStructure, ProjectMatch, ScanTarget
from grading.marking.dump_requirements import CERTIFICATE_IN_DUMP
from grading.marking.requirements import REQUIREMENTS
from grading.marking.rubric import CheckGroup, read_rubric
from grading.marking.score import judge_checks, score, score_criterion
from grading.variant import Variant
from kitbench.errors import NO_RELAY, Fault
from tests.grading.synthetic import (
    ENDPOINT,
    KEY_OFFSET,
    STUDENT,
    WHOLE,
    absent,
    check,
    facts,
    failing,
    finding,
    found,
    report,
    submission,
)

RUBRIC = read_rubric()
KEY, CHIP = Variant.EMBEDDED_KEY, Variant.ATECC608A
BENCH_PROBLEM = Problem(Fault.BENCH, "flash", "port busy")


def assert_only(criteria: set[str], outcome: Outcome, scored: Any) -> None:
    """Assert that these criteria and no others have this outcome, and that the others passed."""
    assert {mark.criterion.id for mark in scored.marks if mark.outcome is outcome} == criteria
    others = [mark for mark in scored.marks if mark.criterion.id not in criteria]
    assert all(mark.outcome is Outcome.PASSED for mark in others), [mark.reason for mark in others]


def test_good_submission_earns_everything() -> None:
    scored = score(RUBRIC, facts())

    assert [mark.points for mark in scored.marks] == [1, 1, 1, 1, 1]
    assert scored.points == 5
    assert scored.is_graded


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"answers": Answers("other.example", KEY_OFFSET)}, "answers.toml says 'other.example'"),
        ({"answers": Answers(None, KEY_OFFSET)}, "names no endpoint"),
        ({"sdkconfig_endpoint": "other.example"}, "project/sdkconfig says"),
        ({"sdkconfig_endpoint": Problem(Fault.STUDENT, "validate", "sdkconfig is missing")}, "sdkconfig is missing"),
    ],
)
def test_endpoint_is_lost_by_each_part(changes: dict[str, Any], reason: str) -> None:
    scored = score(RUBRIC, facts(submission(**changes)))

    assert_only({"endpoint"}, Outcome.FAILED, scored)
    assert reason in scored["endpoint"].reason


def test_endpoint_is_lost_by_a_dump_without_it() -> None:
    dumps = dict(submission().dumps)
    dump = dumps[KEY]
    assert isinstance(dump, Dump)
    dumps[KEY] = replace(dump, carries_endpoint=False)

    scored = score(RUBRIC, facts(submission(dumps=dumps)))

    assert_only({"endpoint"}, Outcome.FAILED, scored)
    assert scored["endpoint"].reason.startswith(f"flash.bin does not carry the roster's endpoint {ENDPOINT}")


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


@pytest.mark.parametrize("name", REQUIREMENTS)
@pytest.mark.parametrize(("fault", "outcome"), [(Fault.STUDENT, Outcome.FAILED), (Fault.BENCH, Outcome.NOT_GRADED)])
def test_no_requirement_is_met_by_a_submission_that_is_not_there(name: str, fault: Fault, outcome: Outcome) -> None:
    complete = Outcome.NOT_GRADED if name == "mark_by_hand" else Outcome.PASSED
    assert REQUIREMENTS[name](facts()).outcome is complete

    judged = REQUIREMENTS[name](facts(Problem(fault, "unpack", "it is no archive")))

    assert (judged.outcome, judged.reason) == (outcome, "it is no archive")


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


def test_project_that_was_not_run_is_not_graded() -> None:
    complete = facts()

    scored = score(RUBRIC, replace(complete, runs={CHIP: complete.runs[CHIP]}))

    assert_only({"connects", "traffic"}, Outcome.NOT_GRADED, scored)


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        (absent(), "does not hold the private key"),
        (found(finding(owner="other", certificate_sha256="cd" * 32)), "is another key"),
        (found(finding(owner="test_key", certificate_sha256="")), "does not hold the private key"),
        (found(finding(kind="secret")), "does not hold the private key"),
        (found(finding(certificate_sha256="cd" * 32)), "is another key"),
        (found(finding(offset=KEY_OFFSET + 16)), "not at the stated 0x2a120"),
        (found(finding(offset=KEY_OFFSET - 16)), "not at the stated 0x2a120"),
        (
            absent(outcome=AuditOutcome.CANNOT_JUDGE, reason="the app image fails its SHA-256"),
            "flash.bin cannot be judged: the app image fails its SHA-256",
        ),
    ],
)
def test_security_analysis_is_lost(verdict: Any, reason: str) -> None:
    scored = score(RUBRIC, facts(audits={KEY: verdict}))

    assert_only({"security_analysis"}, Outcome.FAILED, scored)
    assert reason in scored["security_analysis"].reason


@pytest.mark.parametrize("stated", [KEY_OFFSET - 15, KEY_OFFSET, KEY_OFFSET + 15])
def test_offset_within_a_line_of_a_hexdump_is_right(stated: int) -> None:
    scored = score(RUBRIC, facts(submission(answers=Answers(ENDPOINT, stated))))

    assert_only(set(), Outcome.FAILED, scored)


@pytest.mark.parametrize("certificate", ["cd" * 32, Problem(Fault.STUDENT, "validate", "no certificate")])
def test_security_analysis_needs_the_registered_certificate(certificate: str | Problem) -> None:
    scored = score(RUBRIC, facts(submission(certificate_sha256=certificate)))

    assert_only({"security_analysis"}, Outcome.FAILED, scored)


@pytest.mark.parametrize(
    "verdict",
    [
        BENCH_PROBLEM,
        absent(canary_found=False),
        absent(outcome=AuditOutcome.CANNOT_JUDGE, canary_found=False, reason="the canary was missed"),
    ],
)
def test_audit_that_proves_nothing_is_not_graded(verdict: Any) -> None:
    scored = score(RUBRIC, facts(audits={KEY: verdict, CHIP: verdict}))

    assert_only({"security_analysis", "secure_element"}, Outcome.NOT_GRADED, scored)


@pytest.mark.parametrize("owner", ["device", "other", "unknown"])
def test_key_in_the_chips_dump_costs_the_bonus(owner: str) -> None:
    scored = score(RUBRIC, facts(audits={CHIP: found(finding(owner=owner))}))

    assert_only({"secure_element"}, Outcome.FAILED, scored)
    assert scored["secure_element"].reason.startswith("flash_atecc608a.bin holds a private key at 0x2a120")
    assert scored.points == 4


@pytest.mark.parametrize(
    ("kind", "outcome"),
    [("encrypted_private_key", Outcome.FAILED), ("unreadable_private_key", Outcome.NOT_GRADED)],
)
def test_key_that_nobody_can_read_is_no_absence(kind: str, outcome: Outcome) -> None:
    verdict = absent(outcome=AuditOutcome.CANNOT_JUDGE, findings=(finding(kind=kind),))

    scored = score(RUBRIC, facts(audits={CHIP: verdict}))

    assert_only({"secure_element"}, outcome, scored)
    assert "0x2a120" in scored["secure_element"].reason


@pytest.mark.parametrize("finding_", [finding(owner="test_key"), finding(kind="identifier", owner="")])
def test_what_is_no_secret_key_costs_no_bonus(finding_: Any) -> None:
    assert score(RUBRIC, facts(audits={CHIP: absent(findings=(finding_,))})).points == 5


@pytest.mark.parametrize(
    "targets", [(), (ScanTarget("EC secp256r1", "given"),), (ScanTarget("RSA-2048", CERTIFICATE_IN_DUMP),)]
)
def test_dump_without_the_chips_certificate_proves_nothing(targets: Any) -> None:
    scored = score(RUBRIC, facts(audits={CHIP: absent(targets=targets)}))

    assert_only({"secure_element"}, Outcome.FAILED, scored)


@pytest.mark.parametrize(
    ("variant", "criterion"), [(KEY, "security_analysis"), (CHIP, "secure_element")], ids=["key", "chip"]
)
@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"structure": DumpStructure(problems=("no boot loader at 0x1000",), endpoint_placed=True)}, "no boot loader"),
        ({"project": ProjectMatch(12, 5, True, True, ("red alert",))}, "5 of the 12 texts .* not 'red alert' for one"),
    ],
    ids=["not whole", "another project's"],
)
def test_dump_that_is_not_of_the_kit_costs_its_point(
    variant: Variant, criterion: str, changes: dict[str, Any], reason: str
) -> None:
    verdict = found(finding(), **changes) if variant is KEY else absent(**changes)

    scored = score(RUBRIC, facts(audits={variant: verdict}))

    assert_only({criterion}, Outcome.FAILED, scored)
    assert re.search(reason, scored[criterion].reason)


@pytest.mark.parametrize("match", [ProjectMatch(9, 0, False, False), ProjectMatch(12, 6, True, False), None])
def test_project_that_is_undecided_or_half_found_costs_nothing(match: ProjectMatch | None) -> None:
    scored = score(RUBRIC, facts(audits={KEY: found(finding(), project=match), CHIP: absent(project=match)}))

    assert_only(set(), Outcome.FAILED, scored)
    if match is not None and not match.is_decided:
        assert "not decided from the file" in scored["security_analysis"].reason


def test_what_lies_where_no_build_puts_it_does_not_count() -> None:
    structure = DumpStructure(endpoint_placed=False)
    verdict = found(finding(is_placed=False), structure=structure)

    scored = score(RUBRIC, facts(audits={KEY: verdict}))

    assert_only({"endpoint", "security_analysis"}, Outcome.FAILED, scored)
    assert "where no build puts" in scored["endpoint"].reason
    assert "lies where no build puts one" in scored["security_analysis"].reason


def test_second_copy_of_the_key_in_free_space_costs_nothing() -> None:
    verdict = found(finding(is_placed=False, offset=0x300000), finding())

    assert_only(set(), Outcome.FAILED, score(RUBRIC, facts(audits={KEY: verdict})))


def test_page_says_that_a_dump_was_not_witnessed() -> None:
    assert "handed in, not witnessed" in score(RUBRIC, facts())["security_analysis"].reason


@pytest.mark.parametrize(
    ("certificates", "outcome", "reason"),
    [
        ({"ef" * 32: True}, Outcome.PASSED, "carries the chip's registered certificate efef"),
        ({"ef" * 32: False}, Outcome.FAILED, "only where no build puts it"),
        ({"01" * 32: True}, Outcome.FAILED, "nowhere"),
    ],
)
def test_chips_certificate_is_the_registered_one(certificates: dict[str, bool], outcome: Outcome, reason: str) -> None:
    student = replace(STUDENT, certificate_sha256_atecc608a="ef" * 32)
    structure = replace(WHOLE, certificates=certificates)
    known = replace(facts(audits={CHIP: absent(structure=structure)}), student=student)

    mark = score(RUBRIC, known)["secure_element"]

    assert mark.outcome is outcome
    assert reason in mark.reason


def test_mark_of_a_chip_that_is_not_registered_says_what_it_rests_on() -> None:
    assert "rests on the bench's own run alone" in score(RUBRIC, facts())["secure_element"].reason


def test_key_in_the_benchs_own_dump_costs_the_bonus() -> None:
    run = report(CHIP, failing("key_is_absent", "secure_element", CHIP, reason="a private key lies at 0x2a000"))

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


def test_dump_of_a_bare_chip_proves_nothing() -> None:
    dumps = dict(submission().dumps)
    dump = dumps[CHIP]
    assert isinstance(dump, Dump)
    dumps[CHIP] = replace(dump, carries_endpoint=False)

    assert_only({"secure_element"}, Outcome.FAILED, score(RUBRIC, facts(submission(dumps=dumps))))


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [(Fault.STUDENT, Outcome.FAILED), (Fault.BENCH, Outcome.NOT_GRADED), (Fault.CALLER, Outcome.NOT_GRADED)],
)
def test_submission_that_could_not_be_read_decides_everything(fault: Fault, outcome: Outcome) -> None:
    scored = score(RUBRIC, facts(Problem(fault, "unpack", "a link")))

    assert {mark.outcome for mark in scored.marks} == {outcome}
    assert {mark.reason for mark in scored.marks} == {"a link"}
