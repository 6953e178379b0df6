"""What each requirement of a dump takes and refuses, and whom it blames."""

import re
from dataclasses import replace
from typing import Any

import pytest

from grading.hand_in.submission import Answers, Dump
from grading.judgement import Outcome, Problem
from grading.marking.audit_verdict import AuditOutcome, DumpStructure, ProjectMatch, ScanTarget
from grading.marking.dump_requirements import CERTIFICATE_IN_DUMP
from grading.marking.rubric import read_rubric
from grading.marking.score import score
from grading.variant import Variant
from kitbench.errors import Fault
from tests.grading.synthetic import (
    ENDPOINT,
    KEY_OFFSET,
    STUDENT,
    WHOLE,
    absent,
    assert_only,
    facts,
    finding,
    found,
    submission,
)

RUBRIC = read_rubric()
KEY, CHIP = Variant.EMBEDDED_KEY, Variant.ATECC608A
BENCH_PROBLEM = Problem(Fault.BENCH, "flash", "port busy")


def test_endpoint_is_lost_by_a_dump_without_it() -> None:
    dumps = dict(submission().dumps)
    dump = dumps[KEY]
    assert isinstance(dump, Dump)
    dumps[KEY] = replace(dump, carries_endpoint=False)

    scored = score(RUBRIC, facts(submission(dumps=dumps)))

    assert_only({"endpoint"}, Outcome.FAILED, scored)
    assert scored["endpoint"].reason.startswith(f"flash.bin does not carry the roster's endpoint {ENDPOINT}")


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
    assert "is where no build puts one" in scored["security_analysis"].reason


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


def test_dump_of_a_bare_chip_proves_nothing() -> None:
    dumps = dict(submission().dumps)
    dump = dumps[CHIP]
    assert isinstance(dump, Dump)
    dumps[CHIP] = replace(dump, carries_endpoint=False)

    assert_only({"secure_element"}, Outcome.FAILED, score(RUBRIC, facts(submission(dumps=dumps))))
