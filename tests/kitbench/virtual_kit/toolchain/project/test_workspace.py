"""The private folder of a build."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from kitbench.virtual_kit.toolchain.project.workspace import private_folder


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is left over in a folder of the test's own."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


def leave_over(tmp_path: Path, pid: int, *, age_s: float) -> Path:
    folder = tmp_path / f"kitbench-build-{pid}-abc123"
    folder.mkdir()
    (folder / "private.pem.key").write_text("key")
    then = folder.stat().st_mtime - age_s
    os.utime(folder, (then, then))
    return folder


def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_folder_is_private_and_gone_afterwards() -> None:
    with private_folder() as folder:
        assert folder.stat().st_mode & 0o077 == 0

    assert not folder.exists()


def test_folder_of_a_killed_build_is_removed(tmp_path: Path) -> None:
    old = leave_over(tmp_path, dead_pid(), age_s=7200)

    with private_folder():
        pass

    assert not old.exists()


@pytest.mark.parametrize(("is_alive", "age_s"), [(True, 7200.0), (False, 60.0)])
def test_folder_of_a_running_or_recent_build_stays(tmp_path: Path, *, is_alive: bool, age_s: float) -> None:
    other = leave_over(tmp_path, os.getpid() if is_alive else dead_pid(), age_s=age_s)

    with private_folder():
        pass

    assert (other / "private.pem.key").is_file()


def test_folder_of_another_name_stays(tmp_path: Path) -> None:
    other = tmp_path / "kitbench-build-notes"
    other.mkdir()
    os.utime(other, (0, 0))

    with private_folder():
        pass

    assert other.is_dir()
