"""Copying a project that somebody else wrote."""

import os
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from kitbench.errors import KitError, UsageError
from kitbench.firmware.project import CopyLimits, copy_project


@pytest.fixture(name="source")
def _source(tmp_path: Path) -> Path:
    """A small project."""
    source = tmp_path / "source"
    (source / "main").mkdir(parents=True)
    (source / "main" / "a.c").write_text("int a;")
    (source / "CMakeLists.txt").write_text("project(a)")
    return source


def test_copy_has_the_files_and_belongs_to_the_user_alone(source: Path, tmp_path: Path) -> None:
    paths = copy_project(source, tmp_path / "copy")

    assert paths == (PurePosixPath("CMakeLists.txt"), PurePosixPath("main/a.c"))
    assert (tmp_path / "copy/main/a.c").read_text() == "int a;"
    assert (tmp_path / "copy").stat().st_mode & 0o077 == 0


def test_copy_leaves_out_what_tools_make(source: Path, tmp_path: Path) -> None:
    ours = ("out/flasher_args.json", "out/project_description.json", "out/old.c")
    for name in (*ours, "build/old.bin", "build_esp32/CMakeCache.txt", ".git/config", "main/__pycache__/x"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text("")

    assert len(copy_project(source, tmp_path / "copy")) == 2


def test_link_is_refused(source: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("kitbench-secret")
    (source / "main" / "b.c").symlink_to(tmp_path / "secret")

    with pytest.raises(KitError, match=r"'main/b\.c' is a symbolic link"):
        copy_project(source, tmp_path / "copy")


def test_link_to_a_folder_is_refused(source: Path, tmp_path: Path) -> None:
    (source / "up").symlink_to(tmp_path)

    with pytest.raises(KitError, match="'up' is a symbolic link"):
        copy_project(source, tmp_path / "copy")


def test_named_pipe_is_refused_and_not_waited_for(source: Path, tmp_path: Path) -> None:
    os.mkfifo(source / "main" / "pipe")

    with pytest.raises(KitError, match="not a regular file"):
        copy_project(source, tmp_path / "copy")


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (CopyLimits(files=1), "more than 1 files"),
        (CopyLimits(file_size=5), "larger than 5 bytes"),
        (CopyLimits(total_size=12), "larger than 12 bytes"),
        (CopyLimits(depth=1), "nested too deep"),
    ],
)
def test_limits_hold(source: Path, tmp_path: Path, limits: CopyLimits, message: str) -> None:
    with pytest.raises(KitError, match=message):
        copy_project(source, tmp_path / "copy", limits=limits)


def test_limits_are_what_may_still_be_copied(source: Path, tmp_path: Path) -> None:
    limits = CopyLimits(files=2, file_size=10, total_size=16, depth=2)

    assert len(copy_project(source, tmp_path / "copy", limits=limits)) == 2


@pytest.mark.parametrize(
    ("call", "words"), [("scandir", "cannot read folder 'main'"), ("open", "cannot read 'main/a.c'")]
)
def test_what_cannot_be_read_is_named(
    source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, words: str
) -> None:
    genuine = getattr(os, call)

    def refuse(path: Path, *arguments: Any) -> Any:
        if "main" in str(path):
            raise PermissionError(13, "Permission denied")
        return genuine(path, *arguments)

    monkeypatch.setattr(f"kitbench.firmware.project.os.{call}", refuse)

    with pytest.raises(KitError, match=f"^build: {words}: Permission denied$"):
        copy_project(source, tmp_path / "copy")


def test_missing_project_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        copy_project(tmp_path / "nowhere", tmp_path / "copy")
