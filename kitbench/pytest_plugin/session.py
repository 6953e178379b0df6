"""pytest's hooks of an on-kit run in one process: its start, its tests' outcomes, its end, its summary."""

import signal
from collections.abc import Generator
from pathlib import Path
from typing import Final

import pytest

from kitbench.bench.cost import cost_line
from kitbench.bench.run_report import Outcome, RunReport, one_line
from kitbench.errors import KitbenchError
from kitbench.pytest_plugin.on_kit_run import RUN_KEY
from kitbench.pytest_plugin.run_start import start_run

#: A worker's report, on its way to pytest-xdist's controller.
WORKER_OUTPUT: Final = "kitbench_run_report"


@pytest.hookimpl(tryfirst=True)  # pytest's terminal reporter asks for `pytest_report_collectionfinish` in the same hook
def pytest_collection_finish(session: pytest.Session) -> None:
    """Find kit and cloud before anything runs: without them, exit 4 and one line that says what to type."""
    items = [item for item in session.items if item.get_closest_marker("hardware")]
    if not items or session.config.option.collectonly:
        return
    try:
        run = start_run(session.config)
    except KitbenchError as error:
        raise pytest.UsageError(str(error)) from error
    run.report.expected_checks = [item.nodeid for item in items]
    session.config.stash[RUN_KEY] = run
    run.write()
    # A terminated run cleans up like one that Ctrl-C ended: the kit is parked, the cloud is left empty.
    # The handler itself and no SIGINT: a background job of a shell script is started with that one ignored.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def pytest_report_collectionfinish(config: pytest.Config) -> str | list[str]:
    """Say what the run may cost before it starts, where it may cost anything."""
    run = config.stash.get(RUN_KEY, None)
    return cost_line(run.options.budget) if run is not None and run.cloud == "aws" else []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note outcomes of on-kit tests in the run report; a crash of the kit is shown where it made the test fail."""
    run = item.config.stash.get(RUN_KEY, None)
    if run is None or not item.get_closest_marker("hardware"):
        return (yield)
    crash = run.explain(item, call)
    report = yield
    run.take(item, call, crash)
    if crash.backtrace:
        report.sections.append(("decoded backtrace of the kit", crash.backtrace))
    if crash.summary and (core_dump := run.live.core_dump()):
        report.sections.append(("core dump of the kit", core_dump))
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail closed: a run in which something was not shown is no success."""
    run = session.config.stash.get(RUN_KEY, None)
    if run is None:
        return
    run.held.close()
    if run.worker.is_spread:
        output: dict[str, object] = session.config.workeroutput  # type: ignore[attr-defined] # pytest-xdist's
        output[WORKER_OUTPUT] = run.report.to_json()
    else:
        finish(session, run.report, exitstatus)
        run.write()


def finish(session: pytest.Session, report: RunReport, exitstatus: int) -> None:
    """Note the exit status, which is no success unless every check was shown."""
    shown = report.complete and all(check.outcome is not Outcome.NOT_GRADED for check in report.checks)
    if exitstatus == pytest.ExitCode.OK and not shown:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    report.exit_status = int(session.exitstatus)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a few lines which kit and cloud it was, what it cost, and what was not shown, with whose fault it is."""
    run = terminalreporter.config.stash.get(RUN_KEY, None)
    if run is not None:
        summarize(terminalreporter, run.report, run.options.report)


def summarize(terminalreporter: pytest.TerminalReporter, report: RunReport, path: Path | None) -> None:
    """Print the summary of a run."""
    terminalreporter.section("kitbench")
    terminalreporter.line(f"kit: {_shown(report.kit)}; cloud: {_shown(report.cloud)}; cost: {_shown(report.meter)}")
    for check in report.checks:
        if check.outcome is not Outcome.PASSED:
            variant = f" [{check.variant}]" if check.variant else ""
            reason = one_line(check.reason)
            terminalreporter.line(f"{check.outcome}: {check.name}{variant} — {reason} ({check.fault} fault)")
    if path is not None:
        terminalreporter.line(f"run report: {path}")


def _shown(values: dict[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items() if value not in (None, "")) or "none"
