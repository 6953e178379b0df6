"""What a killed run left is removed by a later one; nothing else is."""

import time
from pathlib import Path

from kitbench.bench.records.stale_folder import OLD_AFTER_S, remove_stale_folders


def make(folder: Path) -> Path:
    """Make a folder with a file in it."""
    folder.mkdir()
    (folder / "private.pem.key").touch()
    return folder


def test_old_folders_of_runs_and_keys_are_removed(tmp_path: Path) -> None:
    old = [make(tmp_path / "kitbench-run-a"), make(tmp_path / "kitbench-key-kitbench-b")]

    removed = remove_stale_folders(tmp_path, now=time.time() + OLD_AFTER_S + 1)

    assert sorted(removed) == sorted(old)
    assert not any(folder.exists() for folder in old)


def test_folders_in_use_stay(tmp_path: Path) -> None:
    folder = make(tmp_path / "kitbench-run-a")

    assert remove_stale_folders(tmp_path) == []
    assert folder.exists()


def test_foreign_names_and_links_stay(tmp_path: Path) -> None:
    foreign = make(tmp_path / "kitbench-notes")
    (tmp_path / "kitbench-run-link").symlink_to(foreign)

    assert remove_stale_folders(tmp_path, now=time.time() + OLD_AFTER_S + 1) == []
    assert (foreign / "private.pem.key").exists()
