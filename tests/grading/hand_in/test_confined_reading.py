"""Hostile files of every kind are read by somebody else, and cost the student that file; the grader stays small."""

import resource
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from grading.hand_in.confined_reading import LIMITS, read_handed_in
from grading.hand_in.reading_child import KINDS
from grading.hand_in.submission import Answers, Submission
from grading.judgement import Problem
from grading.roster import RosterEntry
from kitbench.errors import BenchError, Fault, KitError
from tests.corpus.hostile_files import ARCHIVES, TOML
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT
from tests.kitbench.confinement.landlock_refused import LandlockRefused
from tests.optional_part import LINUX

STUDENT = RosterEntry("s01", ENDPOINT, certificate_sha256())
TIGHT = replace(LIMITS, cpu_seconds=2)


def read(source: Path) -> Submission:
    work = source.parent / "work"
    work.mkdir()
    return read_handed_in(source, work, STUDENT, limits=TIGHT)


@LINUX.needed
@pytest.mark.parametrize("name", ["pax.tar.zst", "sparse.tar.zst", "names.zip"])
def test_archive_that_fills_the_memory_of_its_reader_leaves_ours_alone(tmp_path: Path, name: str) -> None:
    ARCHIVES[name](tmp_path / name)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    try:
        told = read(tmp_path / name).answers
    except KitError as error:
        told = Problem.of(error)

    assert isinstance(told, Problem)
    assert told.fault is Fault.STUDENT
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10


@pytest.mark.parametrize("kind", TOML)
def test_hostile_answers_cost_the_answers_alone(tmp_path: Path, kind: str) -> None:
    folder = hand_in(tmp_path / "s01")
    (folder / "answers.toml").write_text(TOML[kind], encoding="utf-8")

    submission = read(folder)

    assert submission.certificate_sha256 == certificate_sha256()
    assert submission.sdkconfig_endpoint == ENDPOINT
    assert len(submission.dumps) == 2
    if isinstance(submission.answers, Problem):
        assert submission.answers.fault is Fault.STUDENT
        assert "answers.toml" in submission.answers.reason


@pytest.mark.parametrize("kind", ["long endpoint", "endpoint of blanks", "many keys", "long key"])
def test_answers_beyond_all_bounds_are_refused_in_words(tmp_path: Path, kind: str) -> None:
    folder = hand_in(tmp_path / "s01")
    (folder / "answers.toml").write_text(TOML[kind], encoding="utf-8")

    answers = read(folder).answers

    assert isinstance(answers, Problem)
    assert " more than " in answers.reason


def test_host_beyond_all_bounds_costs_the_sdkconfig_alone(tmp_path: Path) -> None:
    folder = hand_in(tmp_path / "s01")
    host = f'CONFIG_AWS_IOT_MQTT_HOST="{"a" * 70_000}"\n'
    (folder / "project" / "sdkconfig").write_text(host, encoding="utf-8")

    submission = read(folder)

    assert isinstance(submission.sdkconfig_endpoint, Problem)
    assert submission.sdkconfig_endpoint.fault is Fault.STUDENT
    assert isinstance(submission.answers, Answers)


def test_what_does_not_fit_is_a_gap_of_ours_in_its_step_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = hand_in(tmp_path / "s01")
    # It gives a tuple.
    monkeypatch.setattr("grading.hand_in.confined_reading.KINDS", {**KINDS, "answers.toml": Answers})

    submission = read(folder)

    assert isinstance(submission.answers, Problem)
    assert submission.answers.fault is Fault.BENCH
    assert submission.certificate_sha256 == certificate_sha256()


def led_astray(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the reader's process do this when it comes to answers.toml."""
    (folder / "hostile_reading_child.py").write_text(
        f"import grading.hand_in.reading_child as child\nchild.parse_answers = lambda text: {code}\nchild.main()\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("grading.hand_in.confined_reading._MODULE", "hostile_reading_child")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setattr("sys.path", ["", *sys.path])


@LINUX.needed
def test_time_that_ran_out_is_told_and_costs_no_point_as_a_machine_may_be_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    led_astray("__import__('time').sleep(600)", tmp_path, monkeypatch)
    source = hand_in(tmp_path / "s01")
    (tmp_path / "work").mkdir()

    # What comes before takes a second or two of a machine at work.
    submission = read_handed_in(source, tmp_path / "work", STUDENT, limits=replace(LIMITS, seconds=12))

    assert submission.answers == Problem(Fault.BENCH, "validate", "reading answers.toml took longer than 12 s")
    assert submission.certificate_sha256 == certificate_sha256()
    assert submission.sdkconfig_endpoint == ENDPOINT


@LINUX.needed
@pytest.mark.parametrize("step", ["memory", "processor time", "signal", "room on disk"])
def test_what_killed_the_reader_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    code = {
        "memory": "bytearray(1 << 33)",
        "processor time": "max(iter(int, 1))",
        "signal": "__import__('os').abort()",
        "room on disk": "[__import__('os').write(2, bytes(40 << 20)) for _ in range(3)]",
    }
    folder = hand_in(tmp_path / "s01")
    led_astray(code[step], tmp_path, monkeypatch)

    submission = read(folder)

    assert isinstance(submission.answers, Problem)
    assert submission.answers.fault is Fault.STUDENT
    assert submission.answers.reason.startswith("answers.toml ")
    assert step in submission.answers.reason
    assert submission.certificate_sha256 == certificate_sha256()
    assert submission.sdkconfig_endpoint == ENDPOINT


@LINUX.needed
def test_all_is_read_without_landlock_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = hand_in(tmp_path / "s01")
    monkeypatch.setattr("sys.executable", str(LandlockRefused(tmp_path).python))

    submission = read(folder)

    assert submission.certificate_sha256 == certificate_sha256()
    assert submission.sdkconfig_endpoint == ENDPOINT
    assert len(submission.dumps) == 2


def test_reader_that_does_not_start_is_the_benchs_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = hand_in(tmp_path / "s01")
    monkeypatch.setattr("grading.hand_in.confined_reading._MODULE", "no_such_module")

    with pytest.raises(BenchError, match="no_such_module"):
        read(folder)


def test_certificate_is_kept_as_plain_pem(tmp_path: Path) -> None:
    submission = read(hand_in(tmp_path / "s01"))

    assert submission.certificate is not None
    assert submission.certificate.read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
