"""However a hand-in is packed, what is read from it is the same: no mark can depend on the packing."""

import hashlib
from pathlib import Path
from typing import Any

import pytest

from grading.hand_in.confined_reading import read_handed_in
from grading.hand_in.submission import Dump, Submission
from grading.judgement import Problem
from grading.roster import RosterEntry
from kitbench.errors import UsageError
from tests.grading.hand_in.foreign_archives import rar4, rar5, seven_zip
from tests.grading.handed_in import certificate_sha256
from tests.grading.packing_kinds import OTHER, PACKINGS, SILENT, all_in_the_project, complete, crowd, nested, tarred
from tests.grading.synthetic import ENDPOINT

STUDENT = RosterEntry("s01", ENDPOINT, certificate_sha256())


@pytest.fixture(name="good")
def _good(tmp_path: Path) -> Path:
    """A hand-in with two projects that a build would take."""
    return complete(tmp_path / "s01")


def essence(submission: Submission) -> dict[str, Any]:
    """Return all that marks depend on."""
    dumps = {name: dump.sha256 for name, dump in submission.dumps.items() if isinstance(dump, Dump)}
    projects = {
        name: {
            path.relative_to(project).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(project.rglob("*"))
            if path.is_file()
        }
        for name, project in submission.projects.items()
    }
    return {
        "answers": submission.answers,
        "certificate": submission.certificate_sha256,
        "endpoint": submission.sdkconfig_endpoint,
        "dumps": dumps,
        "projects": projects,
    }


def read(source: Path, work: Path) -> Submission:
    work.mkdir()
    return read_handed_in(source, work, STUDENT)


@pytest.fixture(scope="module", name="plain")
def _plain(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is read from the hand-in when nothing is odd about it."""
    folder = tmp_path_factory.mktemp("plain")
    return essence(read(complete(folder / "s01"), folder / "work"))


@pytest.mark.parametrize("packing", PACKINGS)
def test_packing_changes_nothing_that_marks_depend_on(
    good: Path, tmp_path: Path, packing: str, plain: dict[str, Any]
) -> None:
    packed = read(PACKINGS[packing](good), tmp_path / "packed")

    assert comparable(essence(packed)) == comparable(plain)
    assert len(plain["dumps"]) == len(plain["projects"]) == 2
    assert (packed.notes == ()) is (packing in SILENT), packed.notes


def comparable(one: dict[str, Any]) -> dict[str, Any]:
    """Leave the sdkconfig's own bytes out: its encoding and name are among what changes."""
    projects = {
        name: {file: digest for file, digest in files.items() if not file.startswith("sdkconfig")}
        for name, files in one["projects"].items()
    }
    return one | {"projects": projects}


def test_hand_in_that_lies_in_its_project_is_read(good: Path, tmp_path: Path, plain: dict[str, Any]) -> None:
    packed = essence(read(all_in_the_project(good), tmp_path / "packed"))

    assert {name: packed[name] for name in ("answers", "certificate", "endpoint", "dumps")} == {
        name: plain[name] for name in ("answers", "certificate", "endpoint", "dumps")
    }


def test_control_what_is_missing_is_missing_however_it_is_packed(
    good: Path, tmp_path: Path, plain: dict[str, Any]
) -> None:
    (good / "certificate.pem.crt").write_bytes(OTHER)

    packed = essence(read(nested(good), tmp_path / "packed"))

    assert packed["certificate"] != plain["certificate"]
    assert packed["answers"] == plain["answers"]


def test_sources_are_kept_where_a_whole_sdk_lies_in_the_project(good: Path, tmp_path: Path) -> None:
    packed = read(crowd("project/esp-idf/components")(good), tmp_path / "packed")

    kept = {path.name for project in packed.projects.values() for path in project.iterdir()}
    assert {"CMakeLists.txt", "main", "sdkconfig"} <= kept
    assert not any(isinstance(dump, Problem) for dump in packed.dumps.values())
    assert any("more than 8000 files" in note for note in packed.notes)


@pytest.mark.parametrize("archive", [seven_zip(), rar4(), rar5()])
def test_what_lies_in_an_archive_that_is_not_read_is_left_open(good: Path, tmp_path: Path, archive: bytes) -> None:
    (good / "flash.bin").unlink()
    (good / "dumps.7z").write_bytes(archive)

    packed = read(good, tmp_path / "packed")

    assert "dumps.7z" in packed.unread
    assert "archives are not read" in packed.unread
    assert any("dumps.7z" in note for note in packed.notes)


@pytest.mark.parametrize("name", ["dumps.7z", "dumps.rar", "dumps.iso", "dumps.cab"])
@pytest.mark.parametrize("content", [b"", b"7z\xbc\xaf\x27\x1c" + bytes(100), b"nothing" * 30])
def test_what_is_only_called_an_archive_is_no_refuge(good: Path, tmp_path: Path, name: str, content: bytes) -> None:
    (good / "flash.bin").unlink()
    (good / name).write_bytes(content)

    packed = read(good, tmp_path / "packed")

    assert packed.unread == ""
    assert any(f"left out: '{name}'" in note for note in packed.notes)


def test_hand_in_that_is_nothing_but_such_an_archive_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "s01.7z").write_bytes(seven_zip())

    with pytest.raises(UsageError, match="7z archives are not read — unpack it"):
        read(tmp_path / "s01.7z", tmp_path / "packed")


def test_links_name_nothing_outside(good: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text(f'endpoint = "{ENDPOINT}"\n', encoding="utf-8")
    (good / "answers.toml").unlink()
    (good / "answers.toml").symlink_to("../secret.txt")
    (good / "project" / "again").symlink_to("..")

    packed = read(tarred(good, ".tar"), tmp_path / "packed")

    assert isinstance(packed.answers, Problem)
    assert sum("a link" in note and "left out" in note for note in packed.notes) == 2
