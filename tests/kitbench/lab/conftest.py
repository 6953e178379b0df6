"""A lab of one place, whose client is a program of ours."""

import sys
from pathlib import Path

import pytest

from kitbench.lab.labgrid_client import LabgridClient, find_client

FAKE = Path(__file__).with_name("fake_labgrid.py")


@pytest.fixture
def lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which the lab keeps who has its place."""
    folder = tmp_path / "lab"
    folder.mkdir()
    program = tmp_path / "labgrid-client"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{FAKE}" "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv("FAKE_LABGRID", str(folder))
    monkeypatch.setenv("LABGRID_CLIENT", str(program))
    monkeypatch.setenv("LG_HOSTNAME", "lab-pc")
    return folder


@pytest.fixture
def client(lab: Path) -> LabgridClient:
    assert lab.is_dir()
    return find_client()
