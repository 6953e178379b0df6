"""A build ends with all that it started, and prints what it likes."""

import os
import sys
from pathlib import Path

import pytest

from kitbench.errors import BenchError, KitError
from kitbench.kit.build_process import run_build
from tests.processes import assert_gone

LEAVE_A_CHILD = (
    "import subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "open('child', 'w').write(str(child.pid))\n"
)


def run(folder: Path, script: str, *, within_s: float = 60) -> tuple[int, str]:
    return run_build([sys.executable, "-c", script], environment=dict(os.environ), work=folder, within_s=within_s)


def test_status_and_output_of_both_streams_are_returned(tmp_path: Path) -> None:
    script = "import sys; print('one', flush=True); print('two', file=sys.stderr); sys.exit(3)"

    assert run(tmp_path, script) == (3, "one\ntwo\n")


def test_build_that_hangs_ends_with_its_children_and_is_the_projects_fault(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="did not end within 3 s"):
        run(tmp_path, f"{LEAVE_A_CHILD}time.sleep(600)", within_s=3)

    assert_gone(int((tmp_path / "child").read_text(encoding="utf-8")))


def test_child_that_outlives_its_build_holds_nobody_up(tmp_path: Path) -> None:
    assert run(tmp_path, LEAVE_A_CHILD)[0] == 0

    assert_gone(int((tmp_path / "child").read_text(encoding="utf-8")))


def test_flood_of_output_costs_no_memory_and_its_end_is_kept(tmp_path: Path) -> None:
    script = "import sys\nfor _ in range(200): sys.stdout.write('x' * 65536)\nprint('the end')"

    status, log = run(tmp_path, script)

    assert status == 0
    assert len(log) <= 64 * 65536
    assert log.endswith("the end\n")


def test_build_that_cannot_be_run_is_the_benchs_fault(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot run no-such-program"):
        run_build(["no-such-program"], environment={}, work=tmp_path, within_s=1)
