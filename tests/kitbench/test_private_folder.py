"""Folders and files that may hold a key: their rights, whatever the umask is."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from kitbench.private_folder import make_private_folder, write_private


@pytest.fixture(autouse=True)
def _open_umask() -> Iterator[None]:
    before = os.umask(0o000)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_is_its_users_alone_and_git_passes_over_it(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "above" / "state")

    assert rights(tmp_path / "above/state") == 0o700
    assert (tmp_path / "above/state/.gitignore").read_text() == "*\n"


def test_empty_folder_that_is_there_becomes_private(tmp_path: Path) -> None:
    (tmp_path / "state").mkdir(mode=0o755)

    make_private_folder(tmp_path / "state")

    assert rights(tmp_path / "state") == 0o700


def test_folder_with_files_keeps_its_rights_and_its_own_gitignore(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir(mode=0o755)
    (tmp_path / "thesis/.gitignore").write_text("*.aux\n")

    make_private_folder(tmp_path / "thesis")

    assert rights(tmp_path / "thesis") == 0o755
    assert (tmp_path / "thesis/.gitignore").read_text() == "*.aux\n"


def test_missing_gitignore_comes_back(tmp_path: Path) -> None:
    (tmp_path / "registry.json").write_text("{}")

    make_private_folder(tmp_path)

    assert (tmp_path / ".gitignore").read_text() == "*\n"


def test_private_file_is_made_for_its_user_and_replaced_whole(tmp_path: Path) -> None:
    write_private(tmp_path / "key", b"a long one")
    write_private(tmp_path / "key", b"short")

    assert rights(tmp_path / "key") == 0o600
    assert (tmp_path / "key").read_bytes() == b"short"
