"""`kitbench rubric` as people type it."""

import tomllib
from pathlib import Path

import pytest

from grading.check.rubric_command import command
from grading.checks_command import command as checks
from grading.marking.rubric import rubric_text
from kitbench.command_line import run
from tests.grading.check.test_public_rubric import SECRET


@pytest.fixture(name="class_folder")
def _class_folder(tmp_path: Path) -> Path:
    (tmp_path / "rubric.toml").write_text(rubric_text() + SECRET, encoding="utf-8")
    return tmp_path


def test_rubric_is_printed_as_it_is(class_folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(command, [str(class_folder)]) == 0
    assert capsys.readouterr().out == rubric_text() + SECRET


def test_public_copy_is_written(class_folder: Path) -> None:
    copy = class_folder / "copy.toml"

    assert run(command, [str(class_folder), "--public", "-o", str(copy)]) == 0
    assert "trap" not in copy.read_text(encoding="utf-8")
    assert run(command, ["--rubric", str(copy), "--public", "-o", str(copy)]) == 0
    assert tomllib.loads(copy.read_text(encoding="utf-8"))["criterion"]


def test_what_students_are_told_beforehand_has_nothing_hidden(
    class_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(checks, [str(class_folder)]) == 0
    told = capsys.readouterr().out
    assert "Custom endpoint" in told
    assert "trap" not in told
    assert "Nobody" not in told


@pytest.mark.parametrize("change", [("dump_is_whole", "dump_is_hole"), ("points = 1", "points = -1")])
def test_rubric_that_cannot_be_is_a_usage_error(class_folder: Path, change: tuple[str, str]) -> None:
    text = (class_folder / "rubric.toml").read_text(encoding="utf-8")
    (class_folder / "rubric.toml").write_text(text.replace(*change), encoding="utf-8")

    assert run(command, [str(class_folder), "--public"]) == 3


def test_output_that_cannot_be_written_is_a_usage_error(class_folder: Path) -> None:
    assert run(command, ["--public", "-o", str(class_folder / "no" / "such.toml")]) == 3
