"""A class with hostile hand-ins among honest ones: the honest ones' marks are what they are without them."""

import os
import resource
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import pytest

from grading.hand_in.class_folder import ClassList
from grading.judgement import Outcome
from grading.marking.result import ClassResult
from grading.roster import RosterEntry
from kitbench.errors import Fault
from tests.corpus.hostile_files import ARCHIVES, CERTIFICATES, TOML
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.running.test_class_run import Grader, own_key
from tests.grading.synthetic import ENDPOINT
from tests.optional_part import LINUX

_MOST_MEMORY_KB: Final = 64 << 10


def _replaced(name: str, content: bytes) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        (hand_in(path) / name).write_bytes(content)
        return path

    return make


def _archive(name: str) -> Callable[[Path], Path]:
    def make(path: Path) -> Path:
        archive = path.with_name(f"{path.name}-{name}")
        ARCHIVES[name](archive)
        return archive

    return make


def _fifo(path: Path) -> Path:
    folder = hand_in(path)
    (folder / "flash.bin").unlink()
    os.mkfifo(folder / "flash.bin")
    return folder


HOSTILE: Final[Mapping[str, Callable[[Path], Path]]] = {
    "h01": _archive("pax.tar.zst"),
    "h02": _archive("sparse.tar.zst"),
    "h03": _archive("names.zip"),
    "h04": _archive("bomb.zip"),
    "h05": _archive("nested.zip"),
    "h06": _replaced("answers.toml", TOML["quoted dots"].encode()),
    "h07": _replaced("certificate.pem.crt", CERTIFICATES["ASN.1 in ASN.1"]),
    "h08": _replaced("project/sdkconfig", b"\n" * 200_000),
    "h09": _replaced("answers.toml", TOML["brackets"].encode()),
    "h10": _fifo,
}
HONEST: Final = tuple(f"n{number:02}" for number in range(1, 11))


def _grade(folder: Path, sources: Mapping[str, Path], jobs: int = 4) -> ClassResult:
    entries = tuple((RosterEntry(name, ENDPOINT, certificate_sha256()), source) for name, source in sources.items())
    return Grader(folder / "grades", own_key()).grade(ClassList(entries), jobs=jobs)


def _marks(result: ClassResult) -> dict[str, list[tuple[str, Outcome]]]:
    return {
        one.student.id: [(mark.criterion.id, mark.outcome) for mark in one.score.marks]
        for one in result.results
        if one.student.id in HONEST
    }


@LINUX.needed
@pytest.mark.slow
def test_marks_of_the_honest_are_what_they_are_without_the_hostile(tmp_path: Path) -> None:
    honest = {name: hand_in(tmp_path / name) for name in HONEST}
    hostile = {name: make(tmp_path / name) for name, make in HOSTILE.items()}
    alone = _grade(tmp_path / "alone", honest)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    # One hostile one after each honest one, so that none is spared the company.
    mixed = {name: path for pair in zip(honest.items(), hostile.items(), strict=True) for name, path in pair}
    together = _grade(tmp_path / "together", mixed)

    assert _marks(together) == _marks(alone)
    assert len(_marks(alone)) == len(HONEST)
    assert all(outcome is Outcome.PASSED for marks in _marks(alone).values() for _, outcome in marks)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < _MOST_MEMORY_KB
    for one in together.results:
        if one.student.id in HOSTILE:
            faults = {mark.fault for mark in one.score.marks if mark.outcome is not Outcome.PASSED}
            assert faults <= {Fault.STUDENT, None}, (one.student.id, one.score.marks)
            assert (one.score.points or 0) < 5
