"""On-kit tests spread over pytest-xdist's workers: a kit each, one report, and it fails closed."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest

from kitbench.bench.records.gathered_report import gather
from kitbench.bench.records.run_report import RunReport
from kitbench.kit.port_lock import owned

SOURCE: Final = """
import pytest
from kitbench.pytest_plugin.on_kit_run import RUN_KEY
@pytest.mark.hardware
@pytest.mark.parametrize('n', range(4))
def test_it(request, n):
    run = request.config.stash[RUN_KEY]
    run.report.kit = {'kind': 'attached', 'port': run.kits[0].port}
    run.report.meter = {'units': 1, 'budget': run.budget, 'projection_month': 5}
    FAULT
"""
KITS: Final = "[kits.red]\nport='rfc2217://127.0.0.1:9'\n[kits.blue]\nport='rfc2217://127.0.0.1:19'\n"
QUIET: Final = ["-q", "-p", "no:cacheprovider", "-p", "no:pytest_embedded", "-c", os.devnull, "-m", "hardware"]


def spread(
    folder: Path, *arguments: str, fault: str = "pass"
) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    """Run four tests over two kits; return what pytest said and the run report."""
    (folder / "test_it.py").write_text(SOURCE.replace("FAULT", fault), encoding="utf-8")
    (folder / "bench.toml").write_text(KITS, encoding="utf-8")
    report = folder / "report.json"
    options = ["--rootdir", str(folder), "--run-report", str(report), "--cloud", "local", "--budget", "100"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *QUIET, *options, *arguments],
        cwd=folder,
        env=os.environ | {"XDG_RUNTIME_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    return done, json.loads(report.read_text(encoding="utf-8")) if report.exists() else {}


@pytest.mark.slow
def test_each_worker_takes_its_kit_and_there_is_one_report(tmp_path: Path) -> None:
    done, report = spread(tmp_path, "--kit", "all", "-n", "2")

    assert done.returncode == pytest.ExitCode.OK, done.stdout
    assert report["complete"] is True
    assert len(report["checks"]) == 4
    assert {kit["port"] for kit in report["kit"]["kits"]} == {"rfc2217://127.0.0.1:9", "rfc2217://127.0.0.1:19"}
    assert report["meter"] == {"units": 2, "budget": 100, "projection_month": 10}


@pytest.mark.slow
def test_what_one_worker_did_not_show_makes_the_whole_fail(tmp_path: Path) -> None:
    done, report = spread(tmp_path, "--kit", "all", "-n", "2", fault="if n == 3: pytest.skip('nothing to see')")

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert [check["outcome"] for check in report["checks"]].count("not_graded") == 1
    assert "nothing to see" in done.stdout


@pytest.mark.slow
def test_a_worker_that_dies_leaves_the_report_incomplete(tmp_path: Path) -> None:
    done, report = spread(tmp_path, "--kit", "all", "-n", "2", fault="import os; n == 0 and os._exit(9)")

    assert done.returncode == pytest.ExitCode.TESTS_FAILED
    assert report["complete"] is False


@pytest.mark.slow
def test_more_workers_than_kits_is_exit_4_and_one_line(tmp_path: Path) -> None:
    done, _ = spread(tmp_path, "--kit", "red,blue", "-n", "3")

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "3 workers, but only 2 kits" in done.stderr
    assert done.stderr.strip().count("\n") == 0


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [("-n", "2"), ("-p", "no:xdist")])
def test_a_kit_in_use_is_exit_4_and_names_the_owner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    with owned("rfc2217://127.0.0.1:19"):
        done, _ = spread(tmp_path, "--kit", "all", *arguments)

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert f"in use by process {os.getpid()}" in done.stderr
    assert done.stderr.strip().count("\n") == 0


def test_report_of_a_single_worker_keeps_its_kit() -> None:
    whole = RunReport("0123456789")

    gather(whole, [RunReport("1", kit={"kind": "virtual"}).to_json()])

    assert whole.kit == {"kind": "virtual"}
    assert not whole.complete
