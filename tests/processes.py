"""What became of a process."""

import time
from pathlib import Path

import pytest


def assert_gone(pid: int) -> None:
    """Assert that a process has ended, or is only waiting to be buried."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state in "ZX":
            return
        time.sleep(0.05)
    pytest.fail(f"process {pid} is still there")
