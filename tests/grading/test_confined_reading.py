"""Hostile files of every kind are read by somebody else, and cost the student that file; the grader stays small."""

import resource
import struct
import sys
import tarfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from grading.confined_reading import LIMITS, read_handed_in
from grading.decompression import zstd
from grading.judgement import Problem
from grading.roster import RosterEntry
from grading.submission import Submission
from kitbench.errors import BenchError, Fault, KitError
from tests.grading.handed_in import certificate_sha256, hand_in
from tests.grading.synthetic import ENDPOINT
from tests.kitbench.confinement.landlock_refused import LandlockRefused
from tests.optional_part import LINUX

STUDENT = RosterEntry("s01", ENDPOINT, certificate_sha256())
TIGHT = replace(LIMITS, seconds=20, cpu_seconds=2)


def read(source: Path) -> Submission:
    work = source.parent / "work"
    work.mkdir()
    return read_handed_in(source, work, STUDENT, limits=TIGHT)


def pax_header(size: int) -> bytes:
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, size
    return header.tobuf()


def pax_of_many_records(path: Path) -> None:
    record = b"100 comment=" + b"x" * 87 + b"\n"
    content = record * ((32 << 20) // len(record))
    with zstd.open(path, "wb") as file:
        file.write(pax_header(len(content)) + content.ljust(-(-len(content) // 512) * 512, b"\0"))


def sparse_map(path: Path) -> None:
    """A map of GNU's PAX format 1.0 that claims as many entries as it can."""
    names = "30 GNU.sparse.major=1\n".replace("30", "22") + "22 GNU.sparse.minor=0\n"
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, len(names)
    entries = b"9" * 12 + b"\n" + b"999\n" * (8 << 20)
    member = tarfile.TarInfo("flash.bin")
    member.size = len(entries)
    with zstd.open(path, "wb") as file:
        file.write(header.tobuf() + names.encode().ljust(512, b"\0") + member.tobuf())
        file.write(entries.ljust(-(-len(entries) // 512) * 512, b"\0"))


def zip_of_many_names(path: Path) -> None:
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = 600_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, count * len(entry), 0, 0)
    path.write_bytes(entry * count + end)


def tar_of_many_names(path: Path) -> None:
    member = tarfile.TarInfo("a").tobuf()
    with zstd.open(path, "wb") as file:
        for _ in range(200):
            file.write(member * 2000)


BOMBS: dict[str, Callable[[Path], None]] = {
    "pax.tar.zst": pax_of_many_records,
    "sparse.tar.zst": sparse_map,
    "names.zip": zip_of_many_names,
    "names.tar.zst": tar_of_many_names,
}


@LINUX.needed
@pytest.mark.parametrize("name", BOMBS)
def test_archive_that_fills_the_memory_of_its_reader_leaves_ours_alone(tmp_path: Path, name: str) -> None:
    BOMBS[name](tmp_path / name)
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()

    try:
        told = read(tmp_path / name).answers
    except KitError as error:
        told = Problem.of(error)

    assert isinstance(told, Problem)
    assert told.fault is Fault.STUDENT
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10
    assert time.monotonic() - began < 60


HOSTILE_TOML = {
    "brackets": "a = " + "[" * 100_000,
    "braces": "a = " + "{a=" * 60_000,
    "dots": "a" + ".a" * 100_000 + " = 1",
    "quoted dots": '"\u2028"' + '."\u2028"' * 30_000 + " = 1",
    "digits": "a = " + "9" * 200_000,
    "tables": "".join(f"[a{number}.b]\n" for number in range(20_000)),
    "arrays": "[[a]]\n" * 40_000,
    "nested tables": "\n".join("[" + ".".join(["a"] * 290) + f".b{number}]" for number in range(400)),
    "strings": 'a = """' + '"" ' * 80_000,
    "escapes": 'a = "' + "\\u0041" * 40_000 + '"',
    "nothing": "\n" * 250_000,
    "controls": "\x00\x1b[2J" * 20_000,
}


@pytest.mark.parametrize("kind", HOSTILE_TOML)
def test_hostile_answers_cost_the_answers_alone(tmp_path: Path, kind: str) -> None:
    folder = hand_in(tmp_path / "s01")
    (folder / "answers.toml").write_text(HOSTILE_TOML[kind], encoding="utf-8")
    began = time.monotonic()

    submission = read(folder)

    assert submission.certificate_sha256 == certificate_sha256()
    assert submission.sdkconfig_endpoint == ENDPOINT
    assert len(submission.dumps) == 2
    if isinstance(submission.answers, Problem):
        assert submission.answers.fault is Fault.STUDENT
        assert "answers.toml" in submission.answers.reason
    assert time.monotonic() - began < 15


@LINUX.needed
@pytest.mark.parametrize("step", ["memory", "processor time", "signal"])
def test_what_killed_the_reader_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    code = {
        "memory": "bytearray(1 << 33)",
        "processor time": "max(iter(int, 1))",
        "signal": "__import__('os').abort()",
    }
    folder = hand_in(tmp_path / "s01")
    module = tmp_path / "hostile_reading_child.py"
    module.write_text(
        f"import grading.reading_child as child\nchild.parse_answers = lambda text: {code[step]}\nchild.main()\n",
        encoding="utf-8",
    )
    monkeypatch.setattr("grading.confined_reading._MODULE", "hostile_reading_child")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr("sys.path", ["", *sys.path])

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
    monkeypatch.setattr("grading.confined_reading._MODULE", "no_such_module")

    with pytest.raises(BenchError, match="no_such_module"):
        read(folder)


def test_certificate_is_kept_as_plain_pem(tmp_path: Path) -> None:
    submission = read(hand_in(tmp_path / "s01"))

    assert submission.certificate is not None
    assert submission.certificate.read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")
