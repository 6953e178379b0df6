"""What outlives a run is where the desktop's convention has it."""

from pathlib import Path

import pytest

from kitbench.cloud.things.state_folder import state_folder


def test_folder_follows_the_desktops_convention(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_folder() == tmp_path / "kitbench"

    monkeypatch.delenv("XDG_STATE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder() == tmp_path / ".local" / "state" / "kitbench"
