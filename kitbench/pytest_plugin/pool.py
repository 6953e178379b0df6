"""A list of kits as a pool: a session of its own on each in turn, until one lacks nothing that the firmware uses.

What a kit lacks may show only while the firmware runs: so no trial build tells it, and fixtures of a whole session hang
on the kit. The last kit of the list is run in the user's own process.
"""

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import pytest

from kitbench.bench.kits.bench_file import read_bench_file
from kitbench.errors import UsageError
from kitbench.kit_list import stages
from kitbench.pytest_plugin import selection

#: Which kit of the list this session is for; nobody types it.
STAGE: Final = "--kit-stage"
#: Exit statuses of a session that went to its end.
_WHOLE: Final = (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)


def run_pool(config: pytest.Config) -> int | None:
    """Run the sessions before the last one; return the exit status where one lacked nothing, None to go on here."""
    if hasattr(config, "workerinput") or config.getoption(STAGE) is not None:
        return None
    if not (selection.runs_tests(config) and selection.asks_for_kits(config)):
        return None
    *before, _ = kits = stages(_kits(config))
    for number, kit in enumerate(before):
        status, lacking = _session(config, number)
        if not lacking:
            return status
        _say(f"kitbench: {kit} lacks {lacking}; on to {kits[number + 1]}")
    if before:
        config.option.kit_stage = len(before)
    return None


def _kits(config: pytest.Config) -> str:
    if named := config.getoption("--kit"):
        return ",".join(named)
    try:
        return read_bench_file(config.invocation_params.dir / config.getoption("--bench"), is_named=False).kit or ""
    except UsageError:  # told when the run starts
        return ""


def _session(config: pytest.Config, number: int) -> tuple[int, str]:
    """Run this session's arguments on one kit; return pytest's exit status and the first thing that the kit lacked."""
    arguments = [str(argument) for argument in config.invocation_params.args]
    with tempfile.TemporaryDirectory(prefix="kitbench-pool-") as folder:
        named = config.getoption("--run-report")
        report = config.invocation_params.dir / named if named else Path(folder) / "report.json"
        report.unlink(missing_ok=True)
        own = [f"{STAGE}={number}", *([] if named else [f"--run-report={report}"])]
        status = _ended([*_pytest(arguments), *own, *arguments], config.invocation_params.dir)
        return status, _lacking(report) if status in _WHOLE else ""


def _ended(command: list[str], folder: Path) -> int:
    """Run a command to its end, also after Ctrl-C: it parks the kit and empties the cloud by itself."""
    with subprocess.Popen(command, cwd=folder) as session:
        usual = signal.signal(signal.SIGTERM, lambda *_: session.terminate())
        try:
            while True:
                with contextlib.suppress(KeyboardInterrupt):  # the session has got it, too
                    return session.wait()
        finally:
            signal.signal(signal.SIGTERM, usual)


def _pytest(arguments: list[str]) -> list[str]:
    """Return the command that started this session, without its arguments."""
    command = sys.orig_argv[: len(sys.orig_argv) - len(arguments)]
    is_ours = sys.orig_argv[len(command) :] == arguments and len(command) > 1
    return command if is_ours else [sys.executable, "-m", "pytest"]


def _lacking(report: Path) -> str:
    if not report.exists():
        return ""
    checks = json.loads(report.read_text(encoding="utf-8"))["checks"]
    return next((str(check["lacks"]) for check in checks if check.get("lacks")), "")


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
