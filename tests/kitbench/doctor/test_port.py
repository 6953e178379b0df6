"""Port errors by name: what is wrong with the port, and what fixes it."""

import json
import subprocess
from pathlib import Path

import pytest

from kitbench.doctor import port
from kitbench.doctor.check import State


def test_a_port_that_does_not_exist_says_so(tmp_path: Path) -> None:
    line = port.permission(str(tmp_path / "ttyUSB0"))

    assert line.state is State.FAIL
    assert "does not exist" in line.detail


@pytest.mark.parametrize(
    ("number", "fix"), [(13, "usermod -aG"), (16, "close the program"), (2, "check the cable"), (5, "check the name")]
)
def test_each_error_has_its_fix(number: int, fix: str, tmp_path: Path) -> None:
    node = tmp_path / "tty"
    node.touch()

    line = port.line_for(str(node), OSError(number, "text"))

    assert line.state is State.FAIL
    assert fix in line.fix


@pytest.mark.parametrize(
    ("mac", "flash", "state"),
    [
        ("", "", State.OK),
        ("24:0a:c4:00:00:01", "4MB", State.OK),
        ("24:0a:c4:00:00:02", "4MB", State.FAIL),
        ("", "16MB", State.FAIL),
    ],
)
def test_chip_is_compared_with_the_benchs_description(
    monkeypatch: pytest.MonkeyPatch, mac: str, flash: str, state: State
) -> None:
    seen = {"chip": "ESP32", "mac": "24:0a:c4:00:00:01", "flash_size": "4MB", "protections": []}
    done = subprocess.CompletedProcess([], 0, json.dumps(seen), "")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: done)

    line = port.chip("/dev/ttyUSB0", expected_mac=mac, expected_flash=flash)

    assert line.state is state
    assert line.detail.startswith("ESP32, MAC 24:0a:c4:00:00:01, flash 4MB")
