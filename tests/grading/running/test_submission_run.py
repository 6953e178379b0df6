"""A run is repeated where bench or cloud kept a check from being judged, and nowhere else."""

from dataclasses import replace
from pathlib import Path

import pytest

from grading.example_table_class.cloud_files import rule_json, table_json
from grading.judgement import Outcome, Problem
from grading.marking.rubric import read_rubric
from grading.marking.run_report import Check, RunReport
from grading.roster import RosterEntry
from grading.running.submission_run import SubmissionRun, is_worth_a_retry
from grading.variant import Variant
from kitbench.errors import BenchError, CloudError, Fault, GapError, KitError
from kitbench.installation import named_rubric
from tests.grading.fake_bench import FakeBench
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT, check, report

KEY = Variant.EMBEDDED_KEY
CRITERIA = frozenset({"connects", "traffic"})


def unseen(criterion: str, fault: Fault | None) -> Check:
    return check("unseen", criterion, KEY, outcome=Outcome.NOT_GRADED, fault=fault, reason="hm")


@pytest.mark.parametrize(
    ("outcome", "is_worth_it"),
    [
        (report(KEY), False),
        (report(KEY, check("broken", "traffic", KEY, outcome=Outcome.FAILED, fault=Fault.STUDENT)), False),
        (report(KEY, unseen("traffic", Fault.BENCH)), True),
        (report(KEY, unseen("traffic", Fault.CLOUD)), True),
        (report(KEY, replace(unseen("traffic", Fault.BENCH), lacks="C++")), False),
        (report(KEY, unseen("traffic", Fault.STUDENT)), False),
        (report(KEY, unseen("traffic", Fault.CALLER)), False),
        (report(KEY, unseen("another variant's", Fault.BENCH)), False),
        (report(KEY, complete=False), True),
        (Problem.of(BenchError("port busy", stage="flash")), True),
        (Problem.of(GapError("C++")), False),
        (Problem.of(CloudError("broker gone")), True),
        (Problem.of(BenchError("the on-kit suite (embedded_key) was interrupted", stage="run")), False),
        (Problem.of(KitError("main.c:3: error", stage="build")), False),
    ],
)
def test_run_is_repeated_for_a_fault_of_bench_or_cloud_alone(
    outcome: RunReport | Problem, *, is_worth_it: bool
) -> None:
    assert is_worth_a_retry(outcome, CRITERIA) is is_worth_it


@pytest.mark.parametrize(("wanted", "runs"), [("endpoint", []), ("connects", ["embedded_key"])])
def test_only_what_the_rubric_asks_for_is_run(tmp_path: Path, wanted: str, runs: list[str]) -> None:
    """A rubric without on-kit checks builds and runs nothing."""
    whole, bench = read_rubric(), FakeBench()
    rubric = replace(whole, criteria=tuple(one for one in whole.criteria if one.id == wanted))
    student = RosterEntry("s01", ENDPOINT, certificate_sha256())
    source = hand_in(tmp_path / "s01")

    result = SubmissionRun(student, source, bench, rubric, tmp_path / "results", 1, lambda _stage, _share: None).grade()

    assert [variant for _, variant in bench.runs] == runs
    assert result.score[wanted].outcome is Outcome.PASSED


@pytest.mark.parametrize(("there", "absent"), [("rule.json", "table.json"), ("table.json", "rule.json")])
def test_file_that_is_missing_costs_what_rests_on_it_alone(tmp_path: Path, there: str, absent: str) -> None:
    """The bench gets both files, the absent one empty, so that it blames the student, and is asked once."""
    bench, seen = FakeBench(), dict[str, str]()
    source = hand_in(tmp_path / "s01")
    (source / there).write_text({"rule.json": rule_json(), "table.json": table_json()}[there], encoding="utf-8")

    def look(_project: Path, variant: Variant) -> RunReport:
        [files] = bench.cloud_files
        seen.update({file.name: file.read_text(encoding="utf-8") for file in (files.rule, files.table)})
        return report(variant)

    bench.suite = look
    student = RosterEntry("s01", ENDPOINT, certificate_sha256())
    rubric = read_rubric(named_rubric(Path("course_2024")))
    SubmissionRun(student, source, bench, rubric, tmp_path / "results", 1, lambda _stage, _share: None).grade()

    assert seen[absent] == ""
    assert "readings" in seen[there]
