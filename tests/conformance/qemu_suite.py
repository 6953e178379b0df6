"""Runs the on-kit suite with stand-ins of QEMU and `idf.py` on PATH, and nothing else there but the system's own."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.installation import suite_path
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder

ROOT: Final = Path(__file__).parents[2]
TIMEOUT_S: Final = 500
STAND_INS: Final = {"qemu-system-xtensa": "qemu_system_xtensa", "idf.py": "idf_py"}
PROGRAM: Final = """#!{python}
import os, runpy, sys
sys.path[:0] = [{root!r}]
os.environ.setdefault("XDG_CACHE_HOME", {cache!r})
runpy.run_module("tests.conformance.{module}", run_name="__main__", alter_sys=False)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """A run of the suite: exit status, all that it printed, run report, evidence."""

    status: int
    output: str
    report: dict[str, Any]
    evidence: Path

    @property
    def outcomes(self) -> set[tuple[str, str]]:
        """Names of the checks with their outcomes."""
        return {(check["name"], check["outcome"]) for check in self.report["checks"]}


def install_stand_ins(folder: Path) -> Path:
    """Put the programs into a new folder; return it."""
    folder.mkdir()
    for name, module in STAND_INS.items():
        program = folder / name
        text = PROGRAM.format(python=sys.executable, root=str(ROOT), cache=str(cache_folder().parent), module=module)
        program.write_text(text, encoding="utf-8")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return folder


def run_suite(path: Path, tmp_path: Path, *arguments: str, kit: str = "qemu") -> Run:
    """Run the suite on a kit against the local cloud, the programs of `path` being installed."""
    report, evidence = tmp_path / "report.json", tmp_path / "evidence"
    command = [sys.executable, "-m", "pytest", str(suite_path()), "-m", "hardware", "--kit", kit, "--cloud", "local"]
    command += ["--run-report", str(report), "--evidence", str(evidence), "-p", "no:cacheprovider", *arguments]
    environment = os.environ | {"PATH": f"{path}{os.pathsep}/usr/bin{os.pathsep}/bin"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    content = json.loads(report.read_text(encoding="utf-8")) if report.is_file() else {}
    return Run(done.returncode, done.stdout + done.stderr, content, evidence)
