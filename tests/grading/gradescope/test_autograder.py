"""The autograder folder, tried by its own run_autograder in a bare environment with Gradescope's layout."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from grading.gradescope.autograder_command import command
from kitbench.command_line import run
from kitbench.exit_status import ExitStatus
from kitbench.witness.bench_key import make_key
from kitbench.witness.grader_key import make_grader_key
from tests.grading.desk.fake_class import class_of
from tests.grading.gradescope.layout import Layout, metadata
from tests.grading.handed_in import certificate_sha256
from tests.grading.synthetic import ENDPOINT
from tests.kitbench.witness.bench import IDENTITY, PRIVATE, collected

FLASH = (b"\xff" * 0x1000 + ENDPOINT.encode() + b"\0").ljust(1 << 20, b"\xff")

#: What rests on the hand-in alone: no kit, no audit, so that a run takes seconds.
RUBRIC = """
title = "Endpoint"
offset_tolerance = 15
message_budget = 100
[[criterion]]
id = "endpoint"
title = "Custom endpoint"
points = 2
text = "The registered endpoint is used."
requires = ["endpoint_in_answers", "endpoint_in_sdkconfig", "certificate_is_registered"]
[late]
due = 2026-11-20T23:59:00+01:00
percent_a_day = 25
"""


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    folder = class_of(
        tmp_path / "class", "s01", "s02", columns=",name,email", cells=",Name of {name},{name}@uni.example"
    )
    (folder / "rubric.toml").write_text(RUBRIC, encoding="utf-8")
    for dump in folder.glob("submissions/*/flash*.bin"):
        dump.unlink()
    return folder


@pytest.fixture(name="layout")
def _layout(tmp_path: Path) -> Layout:
    (tmp_path / "autograder").mkdir()
    return Layout(tmp_path / "autograder")


def test_submission_is_found_by_its_email_and_marked(folder: Path, layout: Layout) -> None:
    layout.install(folder, "--stage", "audit")
    layout.hand_in(folder / "submissions" / "s02", metadata("S02@uni.example"))

    results = layout.run()

    assert results["score"] == 2, results
    assert results["visibility"] == "visible"
    [test] = results["tests"]
    assert (test["score"], test["max_score"], test["status"]) == (2, 2, "passed")


def test_hand_in_of_somebody_else_loses_the_point(folder: Path, layout: Layout) -> None:
    """The control: the same files, handed in by another."""
    layout.install(folder, "--stage", "audit")
    layout.hand_in(folder / "submissions" / "s02", metadata("s01@uni.example"))

    results = layout.run()

    assert results["score"] == 0
    assert "certificate" in results["tests"][0]["output"]


def test_being_late_is_told_from_gradescopes_own_time(folder: Path, layout: Layout) -> None:
    layout.install(folder, "--stage", "audit")
    late = metadata("s01@uni.example", "2026-11-21T08:00:00.000000-07:00")
    layout.hand_in(folder / "submissions" / "s01", late)

    results = layout.run()

    assert results["score"] == 1.5
    assert "1 day late" in results["output"]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        (metadata("stranger@uni.example"), "stranger@uni.example, 1234: not in the roster"),
        ([], "submission_metadata.json is not Gradescope's"),
        ({"users": [{}]}, "nobody: not in the roster"),
    ],
    ids=["stranger", "no table", "no name"],
)
def test_what_is_not_graded_is_no_zero_and_hidden(folder: Path, layout: Layout, table: object, why: str) -> None:
    layout.install(folder, "--stage", "audit")
    layout.hand_in(folder / "submissions" / "s01", table)

    results = layout.run()

    assert "score" not in results
    assert results["visibility"] == "hidden"
    assert why in results["output"]


def test_grader_that_cannot_be_started_leaves_results(folder: Path, layout: Layout) -> None:
    layout.install(folder, "--stage", "audit")
    layout.hand_in(folder / "submissions" / "s01", metadata("s01@uni.example"))
    (layout.root / "venv" / "bin" / "python").write_text("#!/bin/sh\nexit 9\n", encoding="utf-8")

    results = layout.run()

    assert results["output"] == "not graded: the grader ended with status 9"
    assert "score" not in results


def test_folder_holds_no_names_hand_ins_or_private_keys(folder: Path, layout: Layout) -> None:
    (folder / "bench-keys").mkdir()
    (folder / "bench-keys" / "lab.pub").write_text("public", encoding="utf-8")
    (folder / "bench-keys" / "lab.pem").write_text("private", encoding="utf-8")
    (folder / ".pseudonyms.key").write_text("private", encoding="utf-8")

    layout.install(folder)

    source = layout.root / "source"
    names = {path.relative_to(source).as_posix() for path in source.rglob("*") if path.is_file()}
    assert names == {
        *("setup.sh", "run_autograder", "autograder.json", "kitbench-0.0.0-py3-none-any.whl"),
        *("class/roster.csv", "class/rubric.toml", "class/bench-keys/lab.pub"),
    }
    roster = (source / "class" / "roster.csv").read_text(encoding="utf-8")
    assert certificate_sha256("s01") in roster
    assert "Name of" not in roster
    assert all(os.access(source / name, os.X_OK) for name in ("setup.sh", "run_autograder"))
    for name in ("setup.sh", "run_autograder"):
        assert subprocess.run(["bash", "-n", str(source / name)], check=False).returncode == 0


@pytest.mark.parametrize("reason", ["full folder", "no wheel", "odd wheel", "bad rubric"])
def test_usage_errors(
    folder: Path, tmp_path: Path, reason: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    wheel = tmp_path / ("kitbench-1.whl" if reason != "odd wheel" else "other-1.whl")
    wheel.write_bytes(b"PK")
    options = [] if reason == "no wheel" else ["--wheel", str(wheel)]
    if reason == "full folder":
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine").touch()
    if reason == "bad rubric":
        (folder / "rubric.toml").write_text(RUBRIC.replace("endpoint_in_answers", "endpoint_in_answer"))

    status = run(command, ["write", str(folder), "-o", str(tmp_path / "out"), *options])

    assert status == ExitStatus.USAGE
    assert "Traceback" not in capsys.readouterr().err


def bundled(folder: Path) -> Path:
    """Give s01 a bundle that the bench signed, in the place of a dump; return the grader's key."""
    make_grader_key(folder, folder / IDENTITY)
    make_key(folder, folder / PRIVATE, bench="lab")
    bundle = collected(folder, FLASH)
    bundle.rename(folder / "submissions" / "s01" / "mine.kitbench")
    return folder / IDENTITY


def test_witnessed_bundle_is_verified_and_opened(folder: Path, layout: Layout) -> None:
    layout.install(folder, "--stage", "audit", "--grader-key", str(bundled(folder)))
    layout.hand_in(folder / "submissions" / "s01", metadata("s01@uni.example"))

    dump = layout.run()["extra_data"]["dumps"]["flash.bin"]

    assert dump["sha256"] == hashlib.sha256(FLASH).hexdigest()
    assert dump["witness"]["bench"] == "lab"


def test_bundle_that_the_class_does_not_trust_is_no_witness(folder: Path, layout: Layout) -> None:
    """The control: the same bundle, and a class without the public key of that bench."""
    key = bundled(folder)
    shutil.rmtree(folder / "bench-keys")
    layout.install(folder, "--stage", "audit", "--grader-key", str(key))
    layout.hand_in(folder / "submissions" / "s01", metadata("s01@uni.example"))

    dumps = layout.run()["extra_data"]["dumps"]

    assert dumps.get("flash.bin", {}).get("witness") is None
    assert hashlib.sha256(FLASH).hexdigest() not in str(dumps)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_project_runs_on_a_virtual_kit_in_the_container(tmp_path: Path, layout: Layout) -> None:
    """The reference project with the course's rubric: what rests on the kit is kept, what rests on dumps is not."""
    folder = class_of(tmp_path / "class", "s01", columns=",email", cells=",{name}@uni.example")
    checkout = Path(__file__).parents[3]
    project = folder / "submissions" / "s01" / "project"
    subprocess.run(["rm", "-r", str(project), str(folder / "submissions" / "s01" / "project_atecc608a")], check=True)
    subprocess.run(["cp", "-r", str(checkout / "firmware" / "subscribe_publish"), str(project)], check=True)
    layout.install(folder)
    layout.hand_in(folder / "submissions" / "s01", metadata("s01@uni.example"))

    results = layout.run(timeout_s=540)

    marks = {test["tags"][0]: test.get("status") for test in results["tests"]}
    assert (marks["connects"], marks["traffic"]) == ("passed", "passed"), results
