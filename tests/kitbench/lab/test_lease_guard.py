"""The guard acts only where the run could not."""

import subprocess
from pathlib import Path

import pytest

from kitbench.confinement.python_process import python


@pytest.mark.parametrize(("said", "acts"), [(b"released", False), (b"", True), (b"rel", True)])
def test_guard(tmp_path: Path, said: bytes, *, acts: bool) -> None:
    trace = tmp_path / "trace"
    commands = f'[["touch", "{trace}"]]'

    subprocess.run(python("-m", "kitbench.lab.lease_guard", commands), input=said, check=True)

    assert trace.exists() is acts
