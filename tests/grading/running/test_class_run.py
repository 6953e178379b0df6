"""A class run over a bench without kits: side by side, retried, interrupted, and always with a report."""

import json
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from grading.hand_in.class_folder import ClassList
from grading.judgement import Outcome, Problem
from grading.marking.result import ClassResult, SubmissionResult
from grading.marking.rubric import read_rubric
from grading.marking.run_report import RunReport
from grading.results_writer import ResultsWriter
from grading.roster import RosterEntry
from grading.running.class_run import ClassRun
from grading.variant import Variant
from kitbench.errors import BenchError, CloudError, Fault
from tests.grading.fake_bench import FakeBench
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT, failing, finding, found, report

RUBRIC = read_rubric()


@dataclass
class Told:
    """Keeps what a class run told its progress."""

    stages: list[str] = field(default_factory=list)
    on_finish: Callable[[SubmissionResult], None] = lambda _result: None

    def show(self, name: str, stage: str, share: float) -> None:
        assert 0 <= share <= 1
        self.stages.append(f"{name}: {stage}")

    def finish(self, result: SubmissionResult) -> None:
        self.on_finish(result)


def entry(name: str) -> RosterEntry:
    return RosterEntry(name, ENDPOINT, certificate_sha256(name))


def own_key(name: str = "s01") -> FakeBench:
    """Return a bench whose audit finds the key of this student."""
    bench = FakeBench()
    clean = bench.verdict
    bench.verdict = lambda dump: (
        clean(dump) if "atecc" in dump.name else found(finding(certificate_sha256=certificate_sha256(name)))
    )
    return bench


@dataclass
class Grader:
    """Grades a class into a folder as the command line does."""

    output: Path
    bench: FakeBench
    told: Told = field(default_factory=Told)
    stop: threading.Event = field(default_factory=threading.Event)

    def grade(self, students: ClassList, *, jobs: int = 2, attempts: int = 2) -> ClassResult:
        writer = ResultsWriter(self.output, RUBRIC, "A class")
        writer.prepare()
        run = ClassRun(
            "A class", self.bench, RUBRIC, self.output, self.told, self.stop, jobs=jobs, most_attempts=attempts
        )
        result = run.grade(students, writer.write_submission)
        writer.write_class(result)
        return result


def one(source: Path | Problem, name: str = "s01") -> ClassList:
    return ClassList(entries=((entry(name), source),))


def test_good_submission_gets_all_points_and_its_files(tmp_path: Path) -> None:
    grader = Grader(tmp_path / "grades", own_key())

    result = grader.grade(one(hand_in(tmp_path / "s01")))

    assert result.is_graded
    assert result.results[0].score.points == 5
    folder = tmp_path / "grades" / "submissions" / "s01"
    assert json.loads((folder / "results.json").read_text(encoding="utf-8"))["score"] == 5
    assert (folder / "evidence" / "embedded_key-attempt-1" / "serial.log").is_file()
    assert "s01" in (tmp_path / "grades" / "index.html").read_text(encoding="utf-8")
    assert "5,4,graded" in (tmp_path / "grades" / "grades.csv").read_text(encoding="utf-8")
    assert "s01: embedded_key: build" in grader.told.stages


def test_dumps_and_keys_stay_out_of_the_results(tmp_path: Path) -> None:
    submission = hand_in(tmp_path / "s01")
    Grader(tmp_path / "grades", own_key()).grade(one(submission))

    files = {path.suffix for path in (tmp_path / "grades").rglob("*") if path.is_file()}

    assert files == {".html", ".json", ".log", ".svg", ".csv", ""}
    assert not list(tmp_path.rglob("bench_dump.bin"))


@pytest.mark.parametrize("error", [BenchError("port busy", stage="flash"), CloudError("broker gone", stage="connect")])
def test_fault_of_bench_or_cloud_is_retried_and_both_attempts_are_kept(
    tmp_path: Path, error: BenchError | CloudError
) -> None:
    bench = own_key()

    def suite(_project: Path, variant: Variant) -> RunReport:
        if len(bench.runs) == 1:
            raise error
        return report(variant)

    bench.suite = suite

    result = Grader(tmp_path / "grades", bench).grade(one(hand_in(tmp_path / "s01")))

    attempts = [(attempt.variant.value, attempt.number) for attempt in result.results[0].attempts]
    assert attempts == [("embedded_key", 1), ("embedded_key", 2), ("atecc608a", 1)]
    assert result.results[0].score.points == 5
    page = (tmp_path / "grades" / "submissions" / "s01" / "index.html").read_text(encoding="utf-8")
    assert error.message in page


def test_fault_that_stays_is_not_graded_and_costs_nothing(tmp_path: Path) -> None:
    bench = own_key()

    def suite(_project: Path, _variant: Variant) -> RunReport:
        raise BenchError("port busy", stage="flash")

    bench.suite = suite

    result = Grader(tmp_path / "grades", bench).grade(one(hand_in(tmp_path / "s01")), attempts=3)

    assert len(bench.runs) == 6
    assert not result.is_graded
    assert result.results[0].score["connects"].outcome is Outcome.NOT_GRADED
    assert result.results[0].score["endpoint"].points == 1
    assert "not graded" in (tmp_path / "grades" / "grades.csv").read_text(encoding="utf-8")


def test_fault_of_the_student_is_not_retried(tmp_path: Path) -> None:
    bench = own_key()
    bench.suite = lambda _project, variant: report(
        variant,
        failing("connects", "connects", variant, reason="main.c:3: error"),
        failing("traffic", "traffic", variant, reason="main.c:3: error"),
        exit_status=1,
    )

    result = Grader(tmp_path / "grades", bench).grade(one(hand_in(tmp_path / "s01")))

    assert len(bench.runs) == 2
    assert result.is_graded
    assert result.results[0].score["connects"].reason.startswith("main.c:3: error")


def test_one_spoilt_submission_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "s02.zip").write_bytes(b"this is no archive")
    students = ClassList(
        entries=(
            (entry("s01"), hand_in(tmp_path / "s01")),
            (entry("s02"), tmp_path / "s02.zip"),
            (entry("s03"), Problem(Fault.STUDENT, "submission", "nothing was handed in")),
        )
    )

    result = Grader(tmp_path / "grades", own_key()).grade(students)

    assert [one.score.points for one in result.results] == [5, 0, 0]
    assert result.results[1].score["traffic"].reason == "s02.zip is damaged"
    assert (tmp_path / "grades" / "submissions" / "s03" / "results.json").is_file()


def test_bug_in_the_grader_is_the_benchs_fault(tmp_path: Path) -> None:
    bench = own_key()

    def verdict(_dump: Path) -> None:
        raise RuntimeError("unforeseen")

    bench.verdict = verdict  # type: ignore[assignment]  # a bench that breaks its contract

    result = Grader(tmp_path / "grades", bench).grade(one(hand_in(tmp_path / "s01")))

    mark = result.results[0].score["endpoint"]
    assert (mark.outcome, mark.fault) == (Outcome.NOT_GRADED, Fault.BENCH)
    assert mark.reason == "the grader failed: RuntimeError: unforeseen"


def test_stranger_leaves_the_class_not_wholly_graded(tmp_path: Path) -> None:
    students = replace(one(hand_in(tmp_path / "s01")), strangers=("mallory.zip",))

    result = Grader(tmp_path / "grades", own_key()).grade(students)

    assert result.results[0].score.is_graded
    assert not result.is_graded
    assert "mallory.zip" in (tmp_path / "grades" / "index.html").read_text(encoding="utf-8")


def test_interrupted_run_says_so_for_whom_it_did_not_come_to(tmp_path: Path) -> None:
    grader = Grader(tmp_path / "grades", own_key())
    grader.told.on_finish = lambda _result: grader.stop.set()
    sources = {name: hand_in(tmp_path / name, name) for name in ("s01", "s02")}
    students = ClassList(entries=tuple((entry(name), source) for name, source in sources.items()))

    result = grader.grade(students, jobs=1)

    assert result.results[0].score.points == 5
    assert result.results[1].score["connects"].reason == "the class run was interrupted"
    assert result.problems == ("the run was interrupted",)
    assert not result.is_graded
    assert (tmp_path / "grades" / "index.html").is_file()


def test_ctrl_c_ends_what_runs_and_writes_a_result_for_everybody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    grader = Grader(tmp_path / "grades", own_key())
    running = threading.Event()

    def suite(_project: Path, _variant: Variant) -> RunReport:
        running.set()
        assert grader.stop.wait(60)
        raise BenchError("the on-kit suite was interrupted", stage="run")

    def press_ctrl_c(_futures: object) -> None:
        assert running.wait(60)
        raise KeyboardInterrupt

    grader.bench.suite = suite
    monkeypatch.setattr("grading.running.class_run._wait_for", press_ctrl_c)
    sources = {name: hand_in(tmp_path / name, name) for name in ("s01", "s02")}

    result = grader.grade(ClassList(entries=tuple((entry(n), source) for n, source in sources.items())), jobs=1)

    assert result.problems == ("the run was interrupted",)
    assert not result.is_graded
    assert result.results[0].score["connects"].reason == "the on-kit suite was interrupted"
    assert result.results[1].score["connects"].reason == "the class run was interrupted"
    for name in sources:
        assert (tmp_path / "grades" / "submissions" / name / "results.json").is_file()


def test_key_in_a_students_log_does_not_reach_the_results(tmp_path: Path) -> None:
    begin, end = b"-----BEGIN RSA PRIVATE " + b"KEY-----", b"-----END RSA PRIVATE " + b"KEY-----"
    bench = own_key()
    original = bench.run_suite

    def run_suite(project: Path, variant: Variant, evidence: Path, progress: Callable[[str], None]) -> RunReport:
        outcome = original(project, variant, evidence, progress)
        (evidence / "serial.log").write_bytes(b"boot\n" + begin + b"\nSECRET\n" + end + b"\nMQTT connected\n")
        return outcome

    bench.run_suite = run_suite  # type: ignore[method-assign]  # a bench whose firmware talks too much

    Grader(tmp_path / "grades", bench).grade(one(hand_in(tmp_path / "s01")))

    logs = list((tmp_path / "grades").rglob("serial.log"))
    assert logs
    assert all(b"SECRET" not in log.read_bytes() and b"MQTT connected" in log.read_bytes() for log in logs)


@pytest.mark.parametrize(
    ("existing", "refusal"),
    [(None, nullcontext()), ("thesis.doc", pytest.raises(Exception, match="holds other things"))],
)
def test_output_folder_that_is_not_ours_is_left_alone(
    tmp_path: Path, existing: str | None, refusal: AbstractContextManager[object]
) -> None:
    if existing:
        (tmp_path / existing).write_text("mine", encoding="utf-8")

    with refusal:
        ResultsWriter(tmp_path, RUBRIC, "A class").prepare()


def test_check_that_nobody_could_judge_is_retried_but_a_dependent_one_is_not_blamed(tmp_path: Path) -> None:
    bench = own_key()
    bench.suite = lambda _project, variant: report(
        variant, failing("traffic", "traffic", variant, reason="broker gone", fault=Fault.CLOUD), exit_status=1
    )

    result = Grader(tmp_path / "grades", bench).grade(one(hand_in(tmp_path / "s01")))

    assert len(bench.runs) == 3  # traffic does not count in the ATECC608A variant
    assert result.results[0].score["traffic"].fault is Fault.CLOUD
