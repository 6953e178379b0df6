"""Synthetic facts: a submission that earns everything, and ways to spoil one thing at a time."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from grading.audit_verdict import AuditOutcome, AuditVerdict, KeyFinding
from grading.facts import Facts
from grading.judgement import Outcome, Problem
from grading.roster import RosterEntry
from grading.run_report import Check, RunReport
from grading.submission import Answers, Dump, Submission
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


def report(variant: Variant, *checks: Check, **changes: Any) -> RunReport:
    """Return the complete report of a run with these checks, or with those of a good project."""
    checks = checks or (
        check("connects_with_mutual_authentication", "connects", variant),
        check("receives_the_nonce", "traffic", variant),
        check("key_is_absent", "secure_element", variant),
    )
    good = RunReport(
        run_id="r1",
        checks=checks,
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
        certificate_sha256=SHA256,
    )
    return replace(own, **changes)


def found(*findings: KeyFinding) -> AuditVerdict:
    return AuditVerdict(AuditOutcome.FOUND, "a private key lies in the flash", findings, canary_found=True)


def absent(**changes: Any) -> AuditVerdict:
    return replace(AuditVerdict(AuditOutcome.ABSENT, "no private key", (), canary_found=True), **changes)


def submission(**changes: Any) -> Submission:
    """Return the submission of a student who did everything right."""
    folder = Path("/nowhere")
    good = Submission(
        folder=folder,
        answers=Answers(ENDPOINT, KEY_OFFSET, {"answer": "Because flash is readable."}),
        certificate_sha256=SHA256,
        sdkconfig_endpoint=ENDPOINT,
        projects={variant: folder / variant.project_folder for variant in Variant},
        dumps={variant: Dump(folder / variant.dump_file, "00" * 32, carries_endpoint=True) for variant in Variant},
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
