"""A second run into the same folder: what has not changed is not run again, and never a mark is lost."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grading.hand_in.class_folder import ClassList
from grading.marking.check_catalogue import known_checks
from grading.marking.result import ClassResult
from grading.marking.rubric import Rubric, read_rubric, rubric_text
from grading.marking.run_report import RunReport
from grading.records.claim import Claim
from grading.records.earlier import Stage
from grading.records.kept_result import FILE, SCHEMA, read_kept
from grading.records.kept_results import KeptResults, Settled, digest_of, run_digest
from grading.results_writer import ResultsWriter
from grading.running.class_run import ClassRun
from grading.variant import Variant
from kitbench.errors import BenchError, UsageError
from kitbench.installation import suite_path
from kitbench.traffic_rules import TrafficRules
from tests.grading.fake_bench import FakeBench
from tests.grading.handed_in import hand_in
from tests.grading.running.test_class_run import Told, entry, own_key
from tests.grading.synthetic import report

RUBRIC = read_rubric()


def grade(
    output: Path,
    bench: FakeBench,
    students: ClassList,
    *,
    only: frozenset[str] = frozenset(),
    again: bool = False,
    run: str = "suite",
    rubric: Rubric = RUBRIC,
    stage: Stage = Stage.ALL,
) -> ClassResult:
    writer = ResultsWriter(output, rubric, "A class", (), rubric_text(), known_checks(suite_path()))
    writer.prepare()
    kept = KeptResults(output, rubric, Settled(run, "dumps"), only, again, stage=stage)
    result = ClassRun("A class", bench, rubric, output, Told(), threading.Event(), kept=kept).grade(
        students, writer.write_submission
    )
    writer.write_class(result)
    return result


@pytest.fixture(name="alone")
def _alone(tmp_path: Path) -> ClassList:
    return ClassList(entries=((entry("s01"), hand_in(tmp_path / "s01")),))


@pytest.fixture(name="pair")
def _pair(tmp_path: Path) -> ClassList:
    return ClassList(entries=tuple((entry(name), hand_in(tmp_path / name, name)) for name in ("s01", "s02")))


def test_unchanged_submission_is_not_run_again_and_keeps_its_marks(tmp_path: Path, alone: ClassList) -> None:
    first = grade(tmp_path / "grades", own_key(), alone)
    bench = own_key()

    second = grade(tmp_path / "grades", bench, alone)

    assert bench.runs == []
    assert [one.score for one in second.results] == [one.score for one in first.results]
    assert second.results[0].attempts == first.results[0].attempts


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "answers.toml").write_text("endpoint = 'x'\n"),
        lambda folder: (folder / "project" / "main" / "new.c").write_text("int x;\n"),
        lambda folder: (folder / "flash.bin").write_bytes(b"\xff" * (4 << 20)),
    ],
    ids=["answers", "project", "dump"],
)
def test_changed_hand_in_is_run_again(tmp_path: Path, alone: ClassList, change: Callable[[Path], object]) -> None:
    grade(tmp_path / "grades", own_key(), alone)
    source = alone.entries[0][1]
    assert isinstance(source, Path)
    change(source)
    bench = own_key()

    grade(tmp_path / "grades", bench, alone)

    assert len(bench.runs) == 2


def test_other_suite_other_rules_and_again_run_everything(tmp_path: Path, alone: ClassList) -> None:
    grade(tmp_path / "grades", own_key(), alone)
    patient = replace(RUBRIC, traffic=replace(TrafficRules(), messages=TrafficRules().messages + 1))

    for options in ({"run": "other suite"}, {"again": True}, {"rubric": patient}):
        bench = own_key()
        grade(tmp_path / "grades", bench, alone, **options)
        assert len(bench.runs) == 2, options


def test_what_the_bench_spoilt_is_tried_again(tmp_path: Path, alone: ClassList) -> None:
    broken = own_key()

    def suite(_project: Path, _variant: Variant) -> RunReport:
        raise BenchError("port busy", stage="flash")

    broken.suite = suite
    assert not grade(tmp_path / "grades", broken, alone).is_graded

    bench = own_key()
    grade(tmp_path / "grades", bench, alone)

    assert len(bench.runs) == 2


def test_named_students_alone_are_run_and_the_others_stay(tmp_path: Path, pair: ClassList) -> None:
    first = grade(tmp_path / "grades", own_key(), pair)
    bench = own_key()

    second = grade(tmp_path / "grades", bench, pair, only=frozenset({"s02"}), again=True)

    assert len(bench.runs) == 2
    assert second.results[0].score == first.results[0].score


def test_student_who_was_never_graded_and_is_left_out_has_no_mark(tmp_path: Path, pair: ClassList) -> None:
    result = grade(tmp_path / "grades", own_key(), pair, only=frozenset({"s02"}))

    assert result.results[0].score.points is None
    assert not (tmp_path / "grades" / "submissions" / "s01" / FILE).exists()


def test_kept_result_of_another_version_is_run_again_and_refused_for_scoring(tmp_path: Path, alone: ClassList) -> None:
    grade(tmp_path / "grades", own_key(), alone)
    path = tmp_path / "grades" / "submissions" / "s01" / FILE
    path.write_text(path.read_text().replace(SCHEMA, "kitbench-kept-result/0"))
    bench = own_key()

    with pytest.raises(UsageError, match="another version"):
        read_kept(path.parent)
    grade(tmp_path / "grades", bench, alone)

    assert len(bench.runs) == 2


def test_kept_result_holds_no_key_and_is_for_its_owner_alone(tmp_path: Path, alone: ClassList) -> None:
    grade(tmp_path / "grades", own_key(), alone)
    path = tmp_path / "grades" / "submissions" / "s01" / FILE

    assert path.stat().st_mode & 0o077 == 0
    assert "PRIVATE KEY" not in path.read_text()


def test_results_of_another_class_are_refused(tmp_path: Path) -> None:
    ResultsWriter(tmp_path / "grades", RUBRIC, "A").prepare(Claim("class a"))
    ResultsWriter(tmp_path / "grades", RUBRIC, "A").prepare(Claim("class a"))

    with pytest.raises(UsageError, match="another class"):
        ResultsWriter(tmp_path / "grades", RUBRIC, "B").prepare(Claim("class b"))


def test_digest_follows_names_contents_and_links(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    folder.mkdir()
    (folder / "a").write_text("1")
    seen = {digest_of(folder)}
    (folder / "a").write_text("2")
    seen.add(digest_of(folder))
    (folder / "a").rename(folder / "b")
    seen.add(digest_of(folder))
    (folder / "l").symlink_to("/etc/passwd")
    seen.add(digest_of(folder))

    assert len(seen) == 4


def test_report_of_a_variant_is_kept_whole(tmp_path: Path, alone: ClassList) -> None:
    result = grade(tmp_path / "grades", own_key(), alone)

    kept = read_kept(tmp_path / "grades" / "submissions" / "s01")

    assert kept is not None
    assert kept.facts.runs[Variant.EMBEDDED_KEY] == report(Variant.EMBEDDED_KEY)
    assert kept.scored(RUBRIC).score == result.results[0].score


def test_hand_in_that_cannot_be_read_does_not_end_the_class(tmp_path: Path, pair: ClassList) -> None:
    (tmp_path / "gone").symlink_to(tmp_path / "nowhere")
    entries = ((pair.entries[0][0], tmp_path / "gone" / "s01"), pair.entries[1])

    result = grade(tmp_path / "grades", own_key("s02"), ClassList(entries=entries))

    assert [one.student.id for one in result.results] == ["s01", "s02"]
    assert result.results[1].score.points == 5


def test_left_out_student_has_no_mark_by_rules_that_were_never_applied(tmp_path: Path, pair: ClassList) -> None:
    grade(tmp_path / "grades", own_key(), pair)
    strict = replace(RUBRIC, message_budget=RUBRIC.message_budget - 1)

    result = grade(tmp_path / "grades", own_key(), pair, only=frozenset({"s02"}), rubric=strict)

    assert result.results[0].score.points is None


def test_run_follows_from_the_contents_of_what_is_trusted(tmp_path: Path) -> None:
    keys = tmp_path / "bench-keys"
    keys.mkdir()
    seen = {run_digest((keys, None), "virtual"), run_digest((keys, None), "qemu")}
    (keys / "bench.pub").write_text("a key")
    seen.add(run_digest((keys, None), "virtual"))
    (keys / "bench.pub").write_text("another key")
    seen.add(run_digest((keys, None), "virtual"))

    assert len(seen) == 4
    assert run_digest((keys, None), "virtual") in seen
