"""`kitbench grade --stage audit` and runs on kits: one after the other, in any order, into the same results."""

import csv
from dataclasses import dataclass
from pathlib import Path

import pytest

from grading.running.bench import Claim
from kitbench.errors import BenchError
from kitbench.exit_status import ExitStatus
from tests.grading.desk.fake_class import RightBench, behind, class_of, grade
from tests.grading.handed_in import certificate_sha256


@dataclass
class Desk:
    """A class of two and its results."""

    folder: Path
    output: Path
    patch: pytest.MonkeyPatch

    def grade(self, *arguments: str, bench: RightBench | None = None) -> tuple[int, RightBench]:
        used = bench or RightBench()
        behind(self.patch, used)
        return grade(self.folder, "--output", self.output, *arguments), used

    def row(self, student: str) -> dict[str, str]:
        with (self.output / "grades.csv").open(encoding="utf-8", newline="") as file:
            return next(row for row in csv.DictReader(file) if row["id"] == student)

    def evidence(self, student: str) -> set[str]:
        return {path.name for path in (self.output / "submissions" / student / "evidence").iterdir()}


AUDITS = {"audit-embedded_key", "audit-atecc608a"}
RUNS = {"embedded_key-attempt-1", "atecc608a-attempt-1"}


@pytest.fixture(name="desk")
def _desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(class_of(tmp_path / "class", "s01", "s02"), tmp_path / "grades", monkeypatch)


def test_audit_alone_needs_no_kit_and_gives_what_rests_on_dumps(desk: Desk) -> None:
    status, bench = desk.grade("--stage", "audit")

    assert status == ExitStatus.CANNOT_JUDGE
    assert (bench.runs, bench.audits) == ([], 4)
    row = desk.row("s01")
    assert (row["endpoint"], row["security_analysis"]) == ("1", "1")
    assert row["connects"] == row["traffic"] == row["points"] == "not graded"
    assert "not run on a kit yet: only dumps were audited (--stage audit)" in row["reasons"]


def test_kit_comes_later_and_no_dump_is_audited_again(desk: Desk) -> None:
    desk.grade("--stage", "audit")

    status, bench = desk.grade()

    assert status == ExitStatus.GOOD
    assert (len(bench.runs), bench.audits) == (4, 0)
    assert desk.row("s02")["points"] == "5"
    assert desk.evidence("s02") == AUDITS | RUNS


def test_audit_comes_later_and_keeps_what_kits_showed(desk: Desk) -> None:
    """The kit of the runs is not the one that this command would use: it uses none."""
    desk.grade("--kit", "/dev/ttyUSB7")

    status, bench = desk.grade("--stage", "audit", "--again")

    assert status == ExitStatus.GOOD
    assert (bench.runs, bench.audits) == ([], 4)
    assert desk.row("s01")["points"] == "5"
    assert desk.evidence("s01") == AUDITS | RUNS
    assert "/dev/ttyUSB7" in (desk.output / "index.html").read_text(encoding="utf-8")
    assert desk.grade("--kit", "/dev/ttyUSB7")[1].runs == []


def test_nothing_is_audited_twice(desk: Desk) -> None:
    desk.grade("--stage", "audit")

    status, bench = desk.grade("--stage", "audit")

    assert (status, bench.audits) == (ExitStatus.CANNOT_JUDGE, 0)


def test_only_named_students_are_audited(desk: Desk) -> None:
    _, bench = desk.grade("--stage", "audit", "--only", "s02")

    assert bench.audits == 2
    assert (desk.row("s01")["endpoint"], desk.row("s02")["endpoint"]) == ("not graded", "1")


def test_numbers_of_the_class_are_printed_and_have_a_page(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    desk.grade("--stage", "audit", "--only", "s02")

    printed = capsys.readouterr().out.splitlines()
    assert "s01: left out by --only" in printed
    assert "class: total: nobody of 2 is graded" in printed
    assert "class: endpoint: mean 1 of 1, full 1, none 0" in printed
    page = (desk.output / "statistics.html").read_text(encoding="utf-8")
    assert "Custom endpoint" in page
    assert "not run on a kit yet" in page


def test_runs_of_another_hand_in_are_not_taken_for_this_one(desk: Desk) -> None:
    desk.grade()
    (desk.folder / "submissions" / "s01" / "project" / "main" / "new.c").write_text("int x;\n", encoding="utf-8")

    desk.grade("--stage", "audit")

    assert desk.row("s01")["connects"] == "not graded"
    assert desk.row("s02")["connects"] == "1"
    assert desk.evidence("s01") == AUDITS


def test_audit_that_the_bench_spoilt_is_made_again(desk: Desk) -> None:
    class Broken(RightBench):
        def audit(self, dump: Path, claim: Claim, evidence: Path) -> None:  # type: ignore[override]
            raise BenchError("no memory left", stage="audit")

    desk.grade("--stage", "audit", bench=Broken())

    status, bench = desk.grade()

    assert (status, bench.audits) == (ExitStatus.GOOD, 4)


def test_results_of_another_class_are_refused(desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    desk.grade("--stage", "audit")
    before = {path: path.read_bytes() for path in desk.output.rglob("*") if path.is_file()}
    other = class_of(tmp_path / "other", "s01")

    assert grade(other, "--output", desk.output, "--stage", "audit") == ExitStatus.USAGE
    assert "holds the results of another class" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in desk.output.rglob("*") if path.is_file()} == before


def test_class_of_the_same_name_with_other_students_is_another_class(
    desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same folder name, title and ids, a year later: other certificates."""
    desk.grade("--stage", "audit")
    (tmp_path / "next_year").mkdir()
    other = class_of(tmp_path / "next_year" / "class", "s01", "s02")
    roster = other / "roster.csv"
    text = roster.read_text(encoding="utf-8")
    for name in ("s01", "s02"):
        text = text.replace(certificate_sha256(name), certificate_sha256(f"another {name}"))
    roster.write_text(text, encoding="utf-8")

    assert grade(other, "--output", desk.output, "--stage", "audit") == ExitStatus.USAGE
    assert "holds the results of another class" in capsys.readouterr().err
