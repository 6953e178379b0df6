"""One on-kit run as pytest's hooks see it: what was selected, what became of it, and the report on disk."""

import signal
import time
from collections.abc import Callable, Generator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import pytest

from kitbench.cloud.names import Run, new_run
from kitbench.errors import Fault, KitbenchError, KitError
from kitbench.kit.port_lock import owned
from kitbench.pytest_plugin.blame import PASSED, Blame, blame
from kitbench.pytest_plugin.cost import cost_line
from kitbench.pytest_plugin.crash_watch import KitCrashedError
from kitbench.pytest_plugin.kit_choice import KitChoice, Worker, choose_kits, require_cloud, require_port, share_of
from kitbench.pytest_plugin.kit_crash import NO_CRASH, KitCrash
from kitbench.pytest_plugin.options import RunOptions, read_options
from kitbench.pytest_plugin.run_report import Check, Outcome, RunReport, one_line

#: A worker's report, on its way to pytest-xdist's controller.
WORKER_OUTPUT: Final = "kitbench_run_report"
RUN_KEY: Final = pytest.StashKey["OnKitRun"]()


@dataclass(slots=True)
class OnKitRun:
    """The state of the run; fixtures fill in the report's kit, cloud, builds and meter.

    Attributes:
        kits: this process's own; the first fit one is used.
        cloud_answers: set by the observer; False when the cloud itself has gone, so that nobody else is blamed.
        hold_kit: set by the running kit; holds it in reset, from any thread.
        seen_crash: set by the running kit; how the kit crashed during this test.
        core_dump: set by the running kit; what the core dump in its flash says. The kit is of no use afterwards.
        held: what is let go of at the end of the session, such as the kits' locks.
    """

    options: RunOptions
    kits: tuple[KitChoice, ...]
    cloud: str
    names: Run
    worker: Worker = field(default_factory=Worker)
    report: RunReport = field(init=False)
    began: float = field(default_factory=time.monotonic)
    cloud_answers: Callable[[], bool] = lambda: True
    hold_kit: Callable[[], None] = lambda: None
    seen_crash: Callable[[], KitCrash] = lambda: NO_CRASH
    core_dump: Callable[[], str] = lambda: ""
    held: ExitStack = field(default_factory=ExitStack)
    _blames: dict[str, tuple[Blame, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.report = RunReport(self.names.run_id)

    @property
    def budget(self) -> int:
        """Messages that this process may cost: its share of the run's."""
        return max(1, self.options.budget // self.worker.count)

    def explain(self, error: BaseException) -> KitCrash:
        """Return the kit's crash where one is behind an error; a kit's own error then says so first."""
        if blame(error, during_setup=False).fault is not Fault.STUDENT:
            return NO_CRASH
        if isinstance(error, KitCrashedError):
            return error.crash
        crash = self.seen_crash()
        if crash.summary and isinstance(error, KitError):
            error.message = f"{crash.summary}; {error.message}"
        return crash

    def take(self, item: pytest.Item, call: pytest.CallInfo[None], crash: KitCrash = NO_CRASH) -> None:
        """Note the outcome of one phase of a test; the first that did not pass decides."""
        known, seconds = self._blames.get(item.nodeid, (PASSED, 0.0))
        if call.excinfo is not None and known.outcome is Outcome.PASSED:
            known = self._judge(call.excinfo.value, crash, during_setup=call.when == "setup")
        self._blames[item.nodeid] = (known, seconds + call.duration)
        if call.when == "teardown":
            self._record(item)
            self.seen_crash = lambda: NO_CRASH

    def _judge(self, error: BaseException, crash: KitCrash, *, during_setup: bool) -> Blame:
        verdict = blame(error, during_setup=during_setup)
        if verdict.fault is Fault.STUDENT and crash.summary not in verdict.reason:
            verdict = replace(verdict, reason=one_line(f"{crash.summary}; {verdict.reason}"))
        if verdict.fault is Fault.STUDENT and verdict.stage != "build" and not self.cloud_answers():
            return Blame(Outcome.NOT_GRADED, Fault.CLOUD, "cloud", f"the cloud went away: {verdict.reason}")
        return verdict

    def _record(self, item: pytest.Item) -> None:
        verdict, seconds = self._blames.pop(item.nodeid)
        marker = item.get_closest_marker("criterion")
        self.report.checks.append(
            Check(
                name=getattr(item, "originalname", item.name).removeprefix("test_"),
                criterion=str(marker.args[0]) if marker else "",
                variant=_variant_of(item),
                nodeid=item.nodeid,
                outcome=verdict.outcome,
                fault=verdict.fault,
                stage=verdict.stage,
                reason=verdict.reason,
                seconds=round(seconds, 3),
            )
        )
        self.write()

    def write(self) -> None:
        """Write the report as it stands, where the user asked for one; a worker's goes to pytest-xdist's controller."""
        self.report.seconds = round(time.monotonic() - self.began, 3)
        if self.options.report is not None and not self.worker.is_spread:
            self.report.write(self.options.report)


def worker_of(config: pytest.Config) -> Worker:
    """Return which of pytest-xdist's workers this process is."""
    given = getattr(config, "workerinput", None)
    if given is None:
        return Worker()
    return Worker(int(given["workerid"].removeprefix("gw")), int(given["workercount"]), is_spread=True)


def _variant_of(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("variant", "")) if callspec else ""


def start_run(config: pytest.Config) -> OnKitRun:
    """Return this process's run, its kits owned by it.

    Raises:
        UsageError: kit or cloud were not chosen, cannot be, or are not there.
        BenchError: another process owns the kit.
    """
    options = read_options(config)
    worker = worker_of(config)
    kits = share_of(choose_kits(options), worker)
    require_port(kits)
    run = OnKitRun(options, kits, require_cloud(options), new_run(), worker)
    for kit in kits:
        if kit.port:
            run.held.enter_context(owned(kit.port))
    return run


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
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


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
    crash = run.explain(call.excinfo.value) if call.excinfo is not None else NO_CRASH
    report = yield
    run.take(item, call, crash)
    if crash.backtrace:
        report.sections.append(("decoded backtrace of the kit", crash.backtrace))
    if crash.summary and (core_dump := run.core_dump()):
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
