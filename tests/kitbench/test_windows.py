"""As far as it can be told without a Windows: a Python that lacks what Windows lacks runs what students run there."""

import subprocess
import sys
from pathlib import Path

import pytest

from kitbench.confinement.python_process import python
from kitbench.witness.bench_key import make_key
from kitbench.witness.grader_key import make_grader_key
from tests.kitbench.witness.bench import IDENTITY, PRIVATE, collected

#: Modules, and names in `os` and `signal`, of POSIX systems alone.
LIKE_WINDOWS = """
import os, signal, sys
import esptool, serial, subprocess  # how libraries choose their system is not what is tried here
for module in ("resource", "fcntl", "termios", "pwd", "grp", "tty", "pty"):
    sys.modules[module] = None
missing = "killpg getuid getgid geteuid mkfifo sched_getaffinity O_NOFOLLOW O_NONBLOCK fork sysconf pread"
for name in missing.split():
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGXCPU", "SIGXFSZ", "SIGHUP"):
    delattr(signal, name)
from kitbench.command_line import main
sys.exit(main())
"""


def run(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        python("-c", LIKE_WINDOWS, *arguments), cwd=folder, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("command", ["audit", "dump"])
def test_command_of_students_can_be_run(tmp_path: Path, command: str) -> None:
    done = run(command, "--help", folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "Usage" in done.stdout


@pytest.mark.parametrize("command", ["doctor", "grade", "check", "collect", "build", "sweep"])
def test_other_commands_say_what_they_need(tmp_path: Path, command: str) -> None:
    done = run(command, "--help", folder=tmp_path)

    assert done.returncode == 3, done.stdout
    assert done.stderr == f"kitbench: start: {command} needs Linux or macOS — on Windows use WSL 2 [caller fault]\n"


def test_dump_is_audited(tmp_path: Path) -> None:
    (tmp_path / "flash.bin").write_bytes(b"\xff" * (1 << 20))

    done = run("audit", "flash.bin", folder=tmp_path)

    assert done.returncode == 2, done.stderr
    assert "cannot judge" in done.stdout


def test_bundle_is_verified(tmp_path: Path) -> None:
    make_grader_key(tmp_path, tmp_path / IDENTITY)
    make_key(tmp_path, tmp_path / PRIVATE, bench="lab")
    bundle = collected(tmp_path, b"\xff" * (1 << 20))

    done = run("verify", str(bundle), folder=tmp_path)

    assert done.returncode == 0, done.stderr
    assert '"bench": "lab"' in done.stdout


def test_control_python_here_has_what_was_taken_away(tmp_path: Path) -> None:
    done = subprocess.run(python("-m", "kitbench", "doctor", "--help"), cwd=tmp_path, capture_output=True, check=False)

    assert done.returncode == (3 if sys.platform == "win32" else 0)
