"""Synthetic facts: a submission that earns everything, and ways to spoil one thing at a time."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from grading.hand_in.dump_lab import DumpLab, FoundPassword
from grading.hand_in.submission import Answers, Dump, Submission
from grading.judgement import Outcome, Problem
from grading.marking.audit_verdict import AuditOutcome, AuditVerdict, DumpStructure, KeyFinding, ScanTarget
from grading.marking.facts import Facts
from grading.marking.rubric import read_rubric
from grading.marking.run_report import Check, RunReport
from grading.roster import RosterEntry
from grading.variant import Variant
from kitbench.errors import Fault

ENDPOINT = "a1b2c3-ats.iot.us-east-1.amazonaws.com"
SHA256 = "ab" * 32
STUDENT = RosterEntry("s01", ENDPOINT, SHA256)
KEY_OFFSET = 0x2A120


def check(name: str, criterion: str, variant: Variant, **changes: Any) -> Check:
    """Return a check that passed, unless `changes` say otherwise."""
    passed = Check(name, f"test_it.py::test_{name}[{variant}]", criterion, variant.value, Outcome.PASSED, seconds=1.5)
    return replace(passed, **changes)


def failing(name: str, criterion: str, variant: Variant, *, reason: str, fault: Fault = Fault.STUDENT) -> Check:
    outcome = Outcome.FAILED if fault is Fault.STUDENT else Outcome.NOT_GRADED
    return check(name, criterion, variant, outcome=outcome, fault=fault, stage="connect", reason=reason)


def course_checks(variant: Variant) -> tuple[Check, ...]:
    """Return what the course's rubric wants to have run on a variant, all passed."""
    groups = [group for criterion in read_rubric().criteria for group in criterion.checks if group.variant is variant]
    return tuple(check(name, group.criterion, variant) for group in groups for name in group.must_run)


def report(variant: Variant, *more: Check, **changes: Any) -> RunReport:
    """Return a good project's whole report, with more checks: one that failed stands for one that the rubric names."""
    checks = list(course_checks(variant))
    for one in more:
        places = (at for at, named in enumerate(checks) if named.criterion == one.criterion)
        at = None if one.outcome is Outcome.PASSED else next(places, None)
        if at is None:
            checks.append(one)
        else:
            checks[at] = replace(one, name=checks[at].name, nodeid=checks[at].nodeid)
    good = RunReport(
        run_id="r1",
        checks=tuple(checks),
        expected_checks=tuple(one.nodeid for one in checks),
        complete=True,
        exit_status=0,
        variants_built=(variant.value,),
    )
    return replace(good, **changes)


def finding(**changes: Any) -> KeyFinding:
    """Return the finding of the student's own key."""
    own = KeyFinding(
        kind="private_key",
        form="pem",
        offset=KEY_OFFSET,
        owner="device",
        partition="factory",
        partition_offset=KEY_OFFSET - 0x10000,
        address=0x3F41A120,
        symbol="_binary_private_pem_key_start",
        is_placed=True,
        certificate_sha256=SHA256,
    )
    return replace(own, **changes)


CHIP_CERTIFICATE = ScanTarget("EC secp256r1", "certificate in dump")


WHOLE = DumpStructure(projects=("subscribe_publish",), endpoint_placed=True)


def found(*findings: KeyFinding, **changes: Any) -> AuditVerdict:
    reason = "a private key is in the flash"
    good = AuditVerdict(AuditOutcome.FOUND, reason, findings, canary_found=True, structure=WHOLE)
    return replace(good, **changes)


def absent(**changes: Any) -> AuditVerdict:
    return replace(
        AuditVerdict(
            AuditOutcome.ABSENT, "no private key", (), canary_found=True, targets=(CHIP_CERTIFICATE,), structure=WHOLE
        ),
        **changes,
    )


#: What the lab on dumps asks for in answers.toml.
LAB_ANSWERS: Final = {
    "partitions": "nvs, factory",
    "wifi_password": "word",
    "wifi_password_offset": "0x9040",
    "boots": "yes",
}


def submission(**changes: Any) -> Submission:
    """Return the submission of a student who did everything right."""
    folder = Path("/nowhere")
    good = Submission(
        folder=folder,
        answers=Answers(ENDPOINT, KEY_OFFSET, {"answer": "Because flash is readable."} | LAB_ANSWERS),
        certificate_sha256=SHA256,
        sdkconfig_endpoint=ENDPOINT,
        projects={variant: folder / variant.project_folder for variant in Variant},
        dumps={variant: Dump(folder / variant.dump_file, "00" * 32, carries_endpoint=True) for variant in Variant},
        rule="{}",
        table="{}",
        lab=DumpLab(("nvs", "factory"), passwords=(FoundPassword("word", 0x9040),), altered=True, changed=1),
    )
    return replace(good, **changes)


def facts(
    handed_in: Submission | Problem | None = None,
    *,
    runs: Mapping[Variant, RunReport | Problem] | None = None,
    audits: Mapping[Variant, AuditVerdict | Problem] | None = None,
) -> Facts:
    """Return the facts of a student who did everything right, but for what is given."""
    good_runs: dict[Variant, RunReport | Problem] = {variant: report(variant) for variant in Variant}
    good_audits: dict[Variant, AuditVerdict | Problem] = {
        Variant.EMBEDDED_KEY: found(finding()),
        Variant.ATECC608A: absent(),
    }
    return Facts(
        student=STUDENT,
        submission=handed_in or submission(),
        offset_tolerance=15,
        runs=good_runs | dict(runs or {}),
        audits=good_audits | dict(audits or {}),
    )


def assert_only(criteria: set[str], outcome: Outcome, scored: Any) -> None:
    """Assert that these criteria and no others have this outcome, and that the others passed."""
    assert {mark.criterion.id for mark in scored.marks if mark.outcome is outcome} == criteria
    others = [mark for mark in scored.marks if mark.criterion.id not in criteria]
    assert all(mark.outcome is Outcome.PASSED for mark in others), [mark.reason for mark in others]
