"""Gradescope's documented layout in a folder, and an autograder in it that runs in an environment of nothing."""

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grading.gradescope.autograder_command import command
from kitbench.command_line import run


def metadata(email: str, created_at: str = "2026-11-20T10:00:00.365935-07:00") -> dict[str, Any]:
    """Return what Gradescope says of a submission, by its documentation."""
    return {
        "id": 123456,
        "created_at": created_at,
        "assignment": {"due_date": "2026-11-30T23:00:00.000000-07:00", "group_size": None, "id": 25828},
        "submission_method": "upload",
        "users": [{"email": email, "id": 1234, "name": "Student User"}],
        "previous_submissions": [],
    }


@dataclass(frozen=True)
class Layout:
    """A folder in the place of /autograder."""

    root: Path

    def install(self, class_folder: Path, *options: str) -> None:
        """Write the autograder to source/, as Gradescope unpacks it, with this Python in the place of setup.sh's."""
        wheel = self.root.parent / "kitbench-0.0.0-py3-none-any.whl"
        wheel.write_bytes(b"PK")
        written = self.root / "source"
        status = run(command, ["write", str(class_folder), "-o", str(written), "--wheel", str(wheel), *options])
        assert status == 0
        shutil.copy(written / "run_autograder", self.root)
        python = self.root / "venv" / "bin" / "python"
        python.parent.mkdir(parents=True)
        # What is installed by setup.sh is this checkout here.
        checkout = Path(__file__).parents[3]
        python.write_text(f'#!/bin/sh\nPYTHONPATH="{checkout}" exec "{sys.executable}" "$@"\n', encoding="utf-8")
        python.chmod(0o755)

    def hand_in(self, folder: Path, table: object) -> None:
        """Lay a submission where Gradescope does."""
        shutil.copytree(folder, self.root / "submission")
        (self.root / "submission_metadata.json").write_text(json.dumps(table), encoding="utf-8")

    def run(self, timeout_s: float = 300) -> dict[str, Any]:
        """Run run_autograder with an environment of nothing but a path; return results.json."""
        home = self.root.parent / "home"
        home.mkdir(exist_ok=True)
        environment = {"PATH": os.defpath, "HOME": str(home), "AUTOGRADER_ROOT": str(self.root)}
        subprocess.run([str(self.root / "run_autograder")], cwd="/", env=environment, timeout=timeout_s, check=False)
        table: dict[str, Any] = json.loads((self.root / "results" / "results.json").read_text(encoding="utf-8"))
        return table
