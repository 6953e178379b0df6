"""Children that sleep, shout, or leave children of their own: none outlives the run."""

import os
import threading
from pathlib import Path

import pytest

from grading.running.child_process import LARGEST_LOG, Finished, child_environment, run_child
from kitbench.confinement.python_process import python
from kitbench.errors import BenchError
from tests.processes import assert_gone


def run(tmp_path: Path, script: str, *, timeout_s: float = 280, stop: threading.Event | None = None) -> Finished:
    log = tmp_path / "child.log"
    return run_child(python("-c", script), log=log, timeout_s=timeout_s, stop=stop or threading.Event())


def test_output_status_and_tail_are_kept(tmp_path: Path) -> None:
    finished = run(tmp_path, "import sys; print('one'); print('two', file=sys.stderr); sys.exit(3)")

    assert (finished.status, finished.timed_out, finished.stopped) == (3, False, False)
    assert set(finished.tail) == {"one", "two"}
    assert (tmp_path / "child.log").read_bytes().split() == [b"one", b"two"]


def test_endless_child_ends_with_its_time(tmp_path: Path) -> None:
    finished = run(tmp_path, "import time\nwhile True: time.sleep(1)", timeout_s=1)

    assert finished.timed_out
    assert finished.status != 0


def test_flood_of_output_is_cut_and_does_not_hold_the_child_up(tmp_path: Path) -> None:
    finished = run(tmp_path, "import sys\nfor _ in range(200): sys.stdout.write('x' * 65536)\nprint()\nprint('end')")

    assert finished.status == 0
    assert finished.tail[-1] == "end"
    assert (tmp_path / "child.log").stat().st_size == LARGEST_LOG


@pytest.mark.slow  # waits for the child to tidy up, which it does not
def test_stop_ends_a_child_that_ignores_interrupts(tmp_path: Path) -> None:
    stop = threading.Event()
    script = "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN); print('up'); time.sleep(600)"
    log = tmp_path / "child.log"

    finished = run_child(python("-c", script), log=log, timeout_s=60, stop=stop, on_line=lambda _line: stop.set())

    assert finished.stopped
    assert finished.status < 0


def test_grandchild_does_not_outlive_the_child(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        "print(child.pid)"
    )

    finished = run(tmp_path, script)

    assert_gone(int(finished.tail[-1]))


def test_child_gets_no_pytest_settings_of_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTEST_ADDOPTS", "--collect-only")

    finished = run(tmp_path, "import os; print([name for name in os.environ if name.startswith('PYTEST_')])")

    assert finished.tail == ("[]",)
    assert os.environ["PYTEST_ADDOPTS"]


def test_children_share_compiled_modules_where_none_may_lie_beside_the_sources(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "slow_to_compile.py").write_text("", encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))

    run(tmp_path, "import slow_to_compile")

    assert list((tmp_path / "cache" / "kitbench" / "bytecode").rglob("slow_to_compile.*.pyc"))
    assert not (tmp_path / "__pycache__").exists()


def test_place_of_compiled_modules_that_was_chosen_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "/chosen")

    assert child_environment()["PYTHONPYCACHEPREFIX"] == "/chosen"


def test_no_module_is_taken_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "colorsys.py").write_text("print('taken')", encoding="utf-8")
    monkeypatch.chdir(tmp_path)

    assert run(tmp_path, "import sys, colorsys; print('end')").tail == ("end",)


def test_command_that_is_not_there_is_the_benchs_fault(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match="cannot start"):
        run_child(["/no/such/command"], log=tmp_path / "log", timeout_s=1, stop=threading.Event())
