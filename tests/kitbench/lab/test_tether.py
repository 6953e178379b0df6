"""A program on a tether ends with whoever started it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from kitbench.confinement.python_process import python
from tests.optional_part import LINUX

#: Starts a child of its own, tells both, and would stay; the child is deaf to SIGTERM where the test wants it.
PROGRAM = """
import os, signal, subprocess, sys, time
if sys.argv[2] == "deaf":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
open(sys.argv[1] + ".new", "w").write(f"{os.getpid()} {child.pid}")
os.rename(sys.argv[1] + ".new", sys.argv[1])
time.sleep(600)
"""


def is_running(pid: int) -> bool:
    """Say whether a process is there and no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@LINUX.needed  # it asks /proc
@pytest.mark.parametrize("hearing", ["hears", "deaf"])
def test_program_and_its_children_end_with_the_pipe(tmp_path: Path, hearing: str) -> None:
    noted = tmp_path / "pids"
    command = python("-m", "kitbench.lab.tether", sys.executable, "-c", PROGRAM, str(noted), hearing)
    with subprocess.Popen(command, stdin=subprocess.PIPE) as tether:
        while not noted.exists():
            time.sleep(0.05)
        pids = [int(word) for word in noted.read_text().split()]
        assert all(map(is_running, pids)), "the control: both run while the pipe is open"
        assert tether.stdin is not None
        tether.stdin.close()
        tether.wait(20)

    end = time.monotonic() + 5
    while any(map(is_running, pids)) and time.monotonic() < end:
        time.sleep(0.05)
    left = [pid for pid in pids if is_running(pid)]
    for pid in left:
        os.kill(pid, 9)
    assert not left


def test_status_is_the_programs_own() -> None:
    command = python("-m", "kitbench.lab.tether", sys.executable, "-c", "raise SystemExit(7)")

    with subprocess.Popen(command, stdin=subprocess.PIPE) as tether:
        assert tether.wait(20) == 7
