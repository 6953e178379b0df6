"""Modules that are where somebody works, or where a hand-in is, are never those of our children."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from kitbench.confinement.python_process import python

#: What a Python takes at its start, what it takes on import, and what adds to its path.
PLANTED = {
    "this.py": "print('taken')",
    "sitecustomize.py": "print('taken')",
    "usercustomize.py": "print('taken')",
    "evil.pth": "import sys; print('taken')\n",
    "pyvenv.cfg": "home = /nowhere\n",
    "kitbench/__init__.py": "print('taken')",
    "__main__.py": "print('taken')",
}
#: Starts children as we do, and says what each of them printed.
DRIVER = """
import json, subprocess, sys
sys.path[:] = [entry for entry in sys.path if "first" not in entry]
from pathlib import Path
from kitbench.confinement.confined_process import Box, Limits
from kitbench.confinement.python_process import environment, python
box = Box(Limits(20, 10, 1 << 28, 1 << 20), readable=(Path.cwd(),))
here = Path.cwd()
said = [box.run_module("this", folder=here).output.decode()]
plain = subprocess.run(python("-c", "import this"), env=environment(), cwd=here, stdout=subprocess.PIPE, text=True)
said.append(plain.stdout)
Path(sys.argv[1]).write_text(json.dumps(said))
"""


@pytest.fixture(name="hand_in")
def _hand_in(tmp_path: Path) -> Path:
    for folder in ("hand-in", "hand-in/project"):
        for name, text in PLANTED.items():
            path = tmp_path / folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return tmp_path / "hand-in"


@pytest.mark.parametrize("python_path", ["", ".", "project", f".{os.pathsep}project", os.pathsep])
def test_planted_module_is_not_taken(hand_in: Path, tmp_path: Path, python_path: str) -> None:
    root = str(Path(__file__).parents[3])
    answer = tmp_path / "answer.json"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, python_path]), "PYTHONSAFEPATH": "1"}

    done = subprocess.run(
        python("-c", DRIVER, str(answer)), cwd=hand_in, env=environment, capture_output=True, text=True, check=False
    )

    assert answer.exists(), done.stderr
    for said in json.loads(answer.read_text(encoding="utf-8")):
        assert "Zen of Python" in said
        assert "taken" not in said


def test_control_planted_module_is_taken_by_a_plain_python(hand_in: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import this"], cwd=hand_in, capture_output=True, text=True, check=False
    )

    assert done.stdout == "taken\n"
