"""Copying a project that somebody else wrote."""

import os
from pathlib import Path, PurePosixPath

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
    for name in ("build/old.bin", "build_esp32/CMakeCache.txt", ".git/config", "main/__pycache__/x"):
        (source / name).parent.mkdir(parents=True)
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


def test_missing_project_is_the_callers_fault(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        copy_project(tmp_path / "nowhere", tmp_path / "copy")
