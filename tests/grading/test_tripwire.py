"""No file of a hand-in is opened in the grader's own process: neither as it was handed in, nor as a private copy."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

import pytest

from grading.marking.result import SubmissionResult
from grading.marking.rubric import read_rubric
from grading.roster import RosterEntry
from grading.running.bench import CommandLineBench, find_suite
from grading.running.submission_run import SubmissionRun
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT
from tests.optional_part import LINUX

#: The folder of a private copy's files, `grading.hand_in.confined_reading`.
_COPY: Final = f"{os.sep}submission{os.sep}"


class _Tripwire:
    """Notes what is opened while it is stretched; an audit hook of Python stays for good, so there is one."""

    def __init__(self) -> None:
        self.opened: list[str] | None = None
        sys.addaudithook(self._see)

    def _see(self, event: str, values: tuple[Any, ...]) -> None:
        if event == "open" and self.opened is not None and isinstance(values[0], str | bytes):
            self.opened.append(os.path.realpath(os.fsdecode(values[0])))

    @contextmanager
    def stretched(self) -> Iterator[list[str]]:
        opened: list[str] = []
        self.opened = opened
        try:
            yield opened
        finally:
            self.opened = None


@pytest.fixture(name="tripwire", scope="session")
def _tripwire() -> _Tripwire:
    return _Tripwire()


def grade(source: Path, results: Path) -> SubmissionResult:
    """Grade as a class run does; the suite is not started, as there is nothing to build in this hand-in."""
    bench = CommandLineBench("virtual", "local", 100, find_suite())
    student = RosterEntry("s01", ENDPOINT, certificate_sha256())
    return SubmissionRun(student, source, bench, read_rubric(), results, 1, lambda _stage, _share: None).grade()


def packed(folder: Path) -> Path:
    archive = folder.with_suffix(".zip")
    with ZipFile(archive, "w") as file:
        for path in folder.rglob("*"):
            file.write(path, path.relative_to(folder))
    return archive


@LINUX.needed
@pytest.mark.parametrize("form", ["folder", "archive"])
def test_graders_process_opens_nothing_that_was_handed_in(tmp_path: Path, form: str, tripwire: _Tripwire) -> None:
    folder = hand_in(tmp_path / "s01")
    (folder / "flash_atecc608a.bin").unlink()
    source = folder if form == "folder" else packed(folder)

    with tripwire.stretched() as opened:
        result = grade(source, tmp_path / "results")

    of_hand_in = [path for path in opened if path.startswith(str(source.resolve())) or _COPY in path]
    assert of_hand_in == []
    assert {mark.criterion.id for mark in result.score.marks} >= {"endpoint", "connects"}
    assert result.audit_files  # the dump was audited, by somebody else
    assert any("results" in path for path in opened)


def test_control_tripwire_sees_a_reader_in_this_process(tmp_path: Path, tripwire: _Tripwire) -> None:
    folder = hand_in(tmp_path / "s01")

    with tripwire.stretched() as opened:
        (folder / "answers.toml").read_text(encoding="utf-8")

    assert opened == [str((folder / "answers.toml").resolve())]
