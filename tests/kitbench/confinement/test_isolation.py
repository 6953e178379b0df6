"""What every kind of confined child has around it, whichever way it is started."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits
from tests.kitbench.confinement import isolation_probe
from tests.kitbench.confinement.landlock_refused import LandlockRefused
from tests.optional_part import LANDLOCK, LINUX

LIMITS: Final = Limits(seconds=60, cpu_seconds=10, memory=256 << 20, file_size=1 << 20)
_MODULE: Final = isolation_probe.__name__


def module(box: Box, here: Path) -> str:
    return box.run_module(_MODULE, folder=here).output.decode()


def script(box: Box, here: Path) -> str:
    return box.run_script(Path(isolation_probe.__file__), folder=here).output.decode()


def call(box: Box, here: Path) -> str:
    return ConfinedCall("a probe", "test", box, folder=here)(isolation_probe.surroundings)


def command_line(box: Box, here: Path) -> str:
    """As the audit of a class run is started: by whoever watches it himself."""
    command = box.module_command(_MODULE)
    done = subprocess.run(
        command, cwd=here, env=box.clean_environment, start_new_session=True, capture_output=True, text=True, check=True
    )
    return done.stdout


WAYS: Final[dict[str, Callable[[Box, Path], str]]] = {
    "module": module,
    "script": script,
    "call": call,
    "command line": command_line,
}


@pytest.fixture(name="surroundings", params=WAYS)
def _surroundings(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """What a child sees whose parent has secrets in its environment, an open file to give away, and a bad folder."""
    LINUX.require()
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    for name in ("json", "socket", "sitecustomize", "usercustomize"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('taken from the current folder')\n", encoding="utf-8")
    handle = os.open(tmp_path / "json.py", os.O_RDONLY)
    os.set_inheritable(handle, True)
    yield json.loads(WAYS[request.param](Box(LIMITS), tmp_path))
    os.close(handle)


def test_child_has_limits_and_nothing_of_its_parent(surroundings: dict[str, Any], tmp_path: Path) -> None:
    limits = surroundings["limits"]
    assert limits == {"CPU": 10, "DATA": 256 << 20, "FSIZE": 1 << 20, "NOFILE": 512, "CORE": 0}
    assert surroundings["descriptors"] == []
    assert set(surroundings["environment"]) <= {"LC_ALL", "PATH", "KITBENCH_CONFINED"}
    assert surroundings["safe"]
    assert surroundings["leads_a_session"]
    assert not {"", ".", str(tmp_path)} & set(surroundings["path"])
    assert surroundings["network"] is False


def test_there_is_no_network_without_landlock_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    LINUX.require()
    monkeypatch.setattr(sys, "executable", str(LandlockRefused(tmp_path).python))

    assert json.loads(module(Box(LIMITS), tmp_path))["network"] is False


def test_control_the_probe_sees_what_a_plain_child_has(tmp_path: Path) -> None:
    LANDLOCK.require()
    handle = os.open(tmp_path, os.O_RDONLY)
    command = [sys.executable, isolation_probe.__file__]
    done = subprocess.run(command, cwd=tmp_path, pass_fds=(handle,), capture_output=True, text=True, check=True)
    os.close(handle)

    plain = json.loads(done.stdout)
    assert plain["descriptors"] == [handle]
    assert plain["network"]
    assert not plain["safe"]
    assert not plain["leads_a_session"]
