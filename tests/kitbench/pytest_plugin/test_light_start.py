"""What every pytest session pays where kitbench is installed: none of the libraries that only kits and clouds need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SLOW_LIBRARIES = ("boto3", "botocore", "awscrt", "esptool", "moto", "wasmtime", "cryptography", "numpy", "elftools")
#: Notes at the very end of the session which modules it has loaded.
NOTE_MODULES = """
import pathlib, sys
def pytest_unconfigure(config):
    pathlib.Path(__file__).with_name("loaded.txt").write_text("\\n".join(sys.modules))
"""


def loaded_by_session(folder: Path, test: str) -> set[str]:
    """Run a session of its own over one test file, with every plugin that is installed; return what it imported."""
    (folder / "conftest.py").write_text(NOTE_MODULES)
    (folder / "test_it.py").write_text(test)
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
        "--rootdir",
        str(folder),
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == pytest.ExitCode.OK, done.stdout + done.stderr
    return set((folder / "loaded.txt").read_text().split("\n"))


def test_session_of_somebody_elses_test_loads_no_slow_library(tmp_path: Path) -> None:
    loaded = loaded_by_session(tmp_path, "def test_it(): assert 1 + 1 == 2\n")

    assert "kitbench.pytest_plugin.fixtures" in loaded  # the plugin was there
    assert loaded.isdisjoint(SLOW_LIBRARIES)


def test_guard_sees_a_session_that_loads_one(tmp_path: Path) -> None:
    loaded = loaded_by_session(tmp_path, "def test_it():\n    import boto3\n    assert boto3.__version__\n")

    assert loaded.intersection(SLOW_LIBRARIES) >= {"boto3", "botocore"}
