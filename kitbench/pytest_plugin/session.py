"""An on-kit run in one process, as pytest sees it: its start, its tests' outcomes, its end, its summary."""

import contextlib
import signal
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Final

import pytest

from kitbench.bench.kits.kit_choice import STARTED
from kitbench.bench.records.cost import cost_line
from kitbench.bench.records.run_report import CheckOutcome, RunReport, one_line
from kitbench.errors import BenchError, Fault, KitbenchError
from kitbench.pytest_plugin.embedded import RUN_PLUGIN
from kitbench.pytest_plugin.on_kit_run import RUN_KEY, OnKitRun
from kitbench.pytest_plugin.run_start import start_run
from kitbench.pytest_plugin.selection import is_on_kit

#: A worker's report, on its way to pytest-xdist's controller.
WORKER_OUTPUT: Final = "kitbench_run_report"
#: Whose fault it is, in words for everybody: the kit's is a student's only for a grader.
OWNERS: Final = {Fault.CALLER: "caller", Fault.BENCH: "bench", Fault.CLOUD: "cloud", Fault.STUDENT: "kit", None: "no"}


def begin(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Start a run of these tests.

    Raises:
        pytest.UsageError: kit or cloud are not there, in one line that says what to type.
    """
    try:
        run = start_run(config)
    except KitbenchError as error:
        raise pytest.UsageError(str(error)) from error
    run.report.expected_checks = [item.nodeid for item in items]
    config.stash[RUN_KEY] = run
    config.pluginmanager.register(RunHooks(run), RUN_PLUGIN)
    run.write()
    # A terminated run cleans up like one that Ctrl-C ended: the kit is parked, the cloud is left empty.
    # The handler itself and no SIGINT: a background job of a shell script is started with that one ignored.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


class RunHooks:
    """pytest's hooks of a run that has begun."""

    def __init__(self, run: OnKitRun) -> None:
        self._run = run

    def pytest_report_collectionfinish(self) -> str | list[str]:
        """Say what the run may cost before it starts, where it may cost anything."""
        run = self._run
        cost = cost_line(run.options.budget) if run.cloud == "aws" else []
        return [*([cost] if isinstance(cost, str) else cost), *relay_lines(run)]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Note outcomes of on-kit tests in the run report; a crash of the kit is shown where it made the test fail."""
        if not is_on_kit(item):
            return (yield)
        crash = self._run.explain(item, call)
        report = yield
        self._run.take(item, call, crash)
        if crash.backtrace:
            report.sections.append(("decoded backtrace of the kit", crash.backtrace))
        if crash.summary and (core_dump := self._run.live.core_dump()):
            report.sections.append(("core dump of the kit", core_dump))
        blank_keys(report, self._run.without_keys)
        return report

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Fail closed: a run in which something was not shown is no success."""
        run = self._run
        settle_kit(run)
        run.held.close()
        if run.worker.is_spread:
            output: dict[str, object] = session.config.workeroutput  # type: ignore[attr-defined] # pytest-xdist's
            output[WORKER_OUTPUT] = run.report.to_json()
        else:
            finish(session, run.report, exitstatus)
            run.write()

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say which kit and cloud it was, what it cost, and what was not shown, with whose fault it is."""
        summarize(terminalreporter, self._run.report, self._run.options.report)


def settle_kit(run: OnKitRun) -> None:
    """Look at a kit on which something was not passed, and hand it back: its own faults are never its firmware's."""
    reason = ""
    if run.is_doubtful() and run.in_use is not None:
        from kitbench.bench.kits.kit_health import why_unfit  # noqa: PLC0415 - esptool is slow to load

        reason = why_unfit(run.in_use)
    if reason:
        run.excuse(reason)
    if run.desk is not None and run.in_use is not None:
        with contextlib.suppress(BenchError):  # who hands kits out has gone, and this session goes, too
            run.desk.give_back(reason)


def blank_keys(report: pytest.TestReport, without_keys: Callable[[str], str]) -> None:
    """Take private keys out of what pytest prints of a test: firmware may print the one that the bench gave it."""
    report.sections = [(name, without_keys(text)) for name, text in report.sections]
    if report.failed:
        text = report.longreprtext
        if (cleaned := without_keys(text)) != text:
            report.longrepr = cleaned


def relay_lines(run: OnKitRun) -> list[str]:
    """Say aloud that this machine listens on a network, where it does: everything else of a run is on loopback."""
    relay = run.options.relay
    if relay is None or run.kits[0].kind in STARTED:
        return []
    return [f"kitbench: listens at {relay} for the kit: whoever is on that network reaches this run's cloud by it"]


def finish(session: pytest.Session, report: RunReport, exitstatus: int) -> None:
    """Note the exit status, which is no success unless every check was shown."""
    shown = report.complete and all(check.outcome is not CheckOutcome.NOT_GRADED for check in report.checks)
    if exitstatus == pytest.ExitCode.OK and not shown:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    report.exit_status = int(session.exitstatus)


def summarize(terminalreporter: pytest.TerminalReporter, report: RunReport, path: Path | None) -> None:
    """Print the summary of a run."""
    terminalreporter.section("kitbench")
    terminalreporter.line(f"kit: {_shown(report.kit)}; cloud: {_shown(report.cloud)}; cost: {_shown(report.meter)}")
    for check in report.checks:
        if check.outcome is not CheckOutcome.PASSED:
            variant = f" [{check.variant}]" if check.variant else ""
            reason = one_line(check.reason)
            terminalreporter.line(f"{check.outcome}: {check.name}{variant} — {reason} ({OWNERS[check.fault]} fault)")
    if path is not None:
        terminalreporter.line(f"run report: {path}")


def _shown(values: dict[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items() if value not in (None, "")) or "none"
