"""The doctor tries to get out of a confined child, and says what held it."""

import sys
from pathlib import Path

import pytest

from kitbench.doctor.check import State
from kitbench.doctor.confinement import confinement
from tests.kitbench.confinement.landlock_refused import LandlockRefused
from tests.optional_part import LANDLOCK, LINUX


@LANDLOCK.needed
def test_landlock_is_seen_to_hold() -> None:
    line = confinement()

    assert "Landlock" in line.detail
    assert line.state is State.OK or "6.7" in line.fix


@LINUX.needed
def test_kernel_without_landlock_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", str(LandlockRefused(tmp_path).python))

    line = confinement()

    assert line.state is State.WARN
    assert line.detail.startswith("no Landlock")
    assert "5.13" in line.fix


@pytest.mark.parametrize(("platform", "fix"), [("win32", "WSL 2"), ("darwin", "Linux")])
def test_other_systems_are_told_where_to_grade(monkeypatch: pytest.MonkeyPatch, platform: str, fix: str) -> None:
    monkeypatch.setattr(sys, "platform", platform)

    line = confinement()

    assert line.state is State.WARN
    assert fix in line.fix
