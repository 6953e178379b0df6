"""Witnesses of a class: preferred where they hold, demanded where the rubric says so, never anybody's zero."""

import resource
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grading.judgement import Outcome, Problem
from grading.marking.audit_verdict import ENCRYPTED_KEY, AuditVerdict, KeyFinding
from grading.marking.facts import Facts
from grading.marking.rubric import parse_rubric, read_rubric
from grading.marking.score import score
from grading.marking.witness import Witnessed, WitnessFolder, WitnessRule, witness_folder
from grading.running.submission_run import SubmissionRun
from grading.variant import Variant
from kitbench.errors import Fault
from kitbench.witness.bench_key import make_key, revoke_key, trusted_keys
from kitbench.witness.grader_key import make_grader_key
from tests.corpus.hostile_files import ARCHIVES
from tests.grading.fake_bench import FakeBench
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT, STUDENT, absent, facts, finding, found, submission
from tests.kitbench.witness.bench import IDENTITY, PRIVATE, collected
from tests.optional_part import LINUX

FLASH = (b"\xff" * 0x1000 + ENDPOINT.encode() + b"\0").ljust(1 << 20, b"\xff")
KEY, CHIP = Variant.EMBEDDED_KEY, Variant.ATECC608A
WITNESSED = Witnessed("00" * 8, "lab", "real", "24:0a:c4:00:00:01", "2026-11-30T12:00+00:00", "00" * 32)


@pytest.fixture(name="classroom")
def _classroom(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    make_grader_key(folder, folder / IDENTITY)
    make_key(folder, folder / PRIVATE, bench="lab")
    return folder


def witnesses(classroom: Path, rule: WitnessRule = WitnessRule.PREFERRED) -> WitnessFolder:
    return witness_folder(classroom, classroom / IDENTITY, rule)


def test_witness_that_holds_gives_its_flash(classroom: Path, tmp_path: Path) -> None:
    collected(classroom, FLASH)

    seen = witnesses(classroom).witness("s01", KEY, tmp_path / "flash.bin")

    assert isinstance(seen, Witnessed)
    assert (seen.bench, seen.kit_kind) == ("lab", "real")
    assert (tmp_path / "flash.bin").read_bytes() == FLASH


def test_student_without_a_bundle_has_no_witness(classroom: Path, tmp_path: Path) -> None:
    assert witnesses(classroom).witness("s01", KEY, tmp_path / "flash.bin") is None


@pytest.mark.parametrize("spoilt", ["another's", "virtual", "qemu", "remote", "revoked", "cut"])
def test_witness_that_does_not_hold_is_a_problem_of_the_bench(classroom: Path, tmp_path: Path, spoilt: str) -> None:
    kind = spoilt if spoilt in {"virtual", "qemu", "remote"} else "real"
    path = collected(classroom, FLASH, student="s02" if spoilt == "another's" else "s01", kind=kind)
    if spoilt == "another's":
        path.rename(path.with_name("s01.kitbench"))
    elif spoilt == "revoked":
        revoke_key(classroom, next(iter(trusted_keys(classroom))))
    elif spoilt == "cut":
        path.write_bytes(path.read_bytes()[:-100])

    seen = witnesses(classroom, WitnessRule.REQUIRED).witness("s01", KEY, tmp_path / "flash.bin")

    assert isinstance(seen, Problem)
    assert seen.fault is Fault.BENCH
    assert not (tmp_path / "flash.bin").exists()


@LINUX.needed
@pytest.mark.parametrize("kind", ["names.zip", "bomb.zip", "nested.zip"])
def test_hostile_bundle_is_read_by_somebody_else_and_is_nobodys_zero(
    classroom: Path, tmp_path: Path, kind: str
) -> None:
    place = witnesses(classroom).bundle_of("s01", KEY)
    place.parent.mkdir(exist_ok=True)
    ARCHIVES[kind](place)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    seen = witnesses(classroom).witness("s01", KEY, tmp_path / "flash.bin")

    assert isinstance(seen, Problem)
    assert seen.fault is Fault.BENCH
    assert "s01.kitbench" in seen.reason
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10


def test_class_without_kits_may_take_virtual_ones(classroom: Path, tmp_path: Path) -> None:
    collected(classroom, FLASH, kind="virtual")

    seen = witnesses(classroom, WitnessRule.ANY_KIT).witness("s01", KEY, tmp_path / "flash.bin")

    assert isinstance(seen, Witnessed)
    assert "on a virtual kit" in seen.words


DUMP_CRITERIA = {"endpoint", "security_analysis", "secure_element"}


@pytest.mark.parametrize("rule", [WitnessRule.REQUIRED, WitnessRule.ANY_KIT])
@pytest.mark.parametrize("witnessed", [None, Problem(Fault.BENCH, "witness", "forged")])
def test_rubric_that_asks_for_a_witness_passes_no_other_dump(rule: WitnessRule, witnessed: Problem | None) -> None:
    given = {} if witnessed is None else dict.fromkeys(Variant, witnessed)

    scored = score(read_rubric(), replace(facts(), witnesses=given, witness_rule=rule))

    lost = {mark.criterion.id: mark for mark in scored.marks if mark.outcome is not Outcome.PASSED}
    assert set(lost) == DUMP_CRITERIA
    assert {mark.outcome for mark in lost.values()} == {Outcome.NOT_GRADED}
    assert all("forged" in mark.reason if witnessed else "kitbench collect" in mark.reason for mark in lost.values())


@pytest.mark.parametrize("rule", WitnessRule)
def test_damaged_witness_of_a_dump_that_was_not_handed_in_is_no_zero(rule: WitnessRule) -> None:
    undumped = facts(submission(dumps={KEY: Problem(Fault.STUDENT, "validate", "flash.bin is missing")}))
    damaged = dict.fromkeys(Variant, Problem(Fault.BENCH, "witness", "the grader's key is missing"))

    scored = score(read_rubric(), replace(undumped, witnesses=damaged, witness_rule=rule))

    lost = {mark.criterion.id: mark for mark in scored.marks if mark.outcome is not Outcome.PASSED}
    assert set(lost) == DUMP_CRITERIA
    assert {(mark.outcome, mark.reason) for mark in lost.values()} == {
        (Outcome.NOT_GRADED, "the grader's key is missing")
    }


@pytest.mark.parametrize("witnesses", [{}, dict.fromkeys(Variant, WITNESSED)])
def test_control_dump_that_was_not_handed_in_is_a_zero(witnesses: dict[Variant, Witnessed]) -> None:
    undumped = facts(submission(dumps={KEY: Problem(Fault.STUDENT, "validate", "flash.bin is missing")}))

    scored = score(read_rubric(), replace(undumped, witnesses=witnesses))

    assert {scored[one].outcome for one in DUMP_CRITERIA} == {Outcome.FAILED}


def test_dump_that_does_not_count_holds_no_closed_key_either() -> None:
    closed = KeyFinding(ENCRYPTED_KEY, "pem", 0x2000, "unknown")
    unwitnessed = facts(audits={CHIP: absent(findings=(closed,))})

    assert score(read_rubric(), unwitnessed)["secure_element"].outcome is Outcome.FAILED
    required = replace(unwitnessed, witness_rule=WitnessRule.REQUIRED)
    assert score(read_rubric(), required)["secure_element"].outcome is Outcome.NOT_GRADED


def test_rubric_that_asks_for_a_witness_passes_a_witnessed_dump() -> None:
    known = replace(facts(), witnesses=dict.fromkeys(Variant, WITNESSED), witness_rule=WitnessRule.REQUIRED)

    scored = score(read_rubric(), known)

    assert scored.points == 5
    assert "witnessed by lab" in scored["security_analysis"].reason
    assert "not witnessed" not in scored["security_analysis"].reason


def test_witness_that_does_not_hold_is_told_where_none_is_asked_for() -> None:
    known: Facts = replace(facts(), witnesses={KEY: Problem(Fault.BENCH, "witness", "it was revoked")})

    assert "handed in, not witnessed: it was revoked" in score(read_rubric(), known)["security_analysis"].reason


def test_witnessed_dump_is_judged_in_the_place_of_the_one_handed_in(classroom: Path, tmp_path: Path) -> None:
    collected(classroom, FLASH)
    judged: list[bytes] = []

    def verdict(dump: Path) -> AuditVerdict:
        judged.append(dump.read_bytes())
        return absent() if "atecc608a" in dump.name else found(finding())

    student = replace(STUDENT, certificate_sha256=certificate_sha256())
    run = SubmissionRun(
        student=student,
        source=hand_in(tmp_path / "s01"),
        bench=FakeBench(verdict=verdict),
        rubric=read_rubric(),
        results=tmp_path / "results",
        most_attempts=1,
        report=lambda _stage, _share: None,
        witnesses=witnesses(classroom),
    )

    result = run.grade()

    assert judged[0] == FLASH
    assert judged[1] != FLASH  # of the other variant there is no bundle
    assert isinstance(result.facts.witnesses[KEY], Witnessed)
    assert CHIP not in result.facts.witnesses


def rubric_asking(witness: str) -> dict[str, Any]:
    criterion = {"id": "a", "title": "A", "points": 1, "text": "", "requires": ["dump_is_whole"]}
    return {"title": "t", "witness": witness, "criterion": [criterion]}


@pytest.mark.parametrize("value", list(WitnessRule))
def test_rubric_says_what_it_asks(value: WitnessRule) -> None:
    assert parse_rubric(rubric_asking(str(value))).witness is value


def test_rubric_that_asks_for_something_else_is_refused() -> None:
    with pytest.raises(ValueError, match=r"witness is 'requird'.*required"):
        parse_rubric(rubric_asking("requird"))
