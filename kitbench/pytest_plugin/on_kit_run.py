"""One on-kit run as pytest's hooks see it: what was selected, what became of it, and the report on disk."""

import signal
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from kitbench.cloud.names import Run, new_run
from kitbench.errors import Fault, KitbenchError, KitError
from kitbench.pytest_plugin.blame import PASSED, Blame, blame
from kitbench.pytest_plugin.kit_choice import KitChoice, choose_kit, require_cloud
from kitbench.pytest_plugin.kit_crash import NO_CRASH, KitCrash
from kitbench.pytest_plugin.options import RunOptions, read_options
from kitbench.pytest_plugin.run_report import Check, Outcome, RunReport, one_line

RUN_KEY: Final = pytest.StashKey["OnKitRun"]()


@dataclass(slots=True)
class OnKitRun:
    """The state of the run; fixtures fill in the report's kit, cloud, builds and meter.

    Attributes:
        cloud_answers: set by the observer; False when the cloud itself has gone, so that nobody else is blamed.
        hold_kit: set by the running kit; holds it in reset, from any thread.
        seen_crash: set by the running kit; how the kit crashed during this test.
    """

    options: RunOptions
    kit: KitChoice
    cloud: str
    names: Run
    report: RunReport = field(init=False)
    began: float = field(default_factory=time.monotonic)
    cloud_answers: Callable[[], bool] = lambda: True
    hold_kit: Callable[[], None] = lambda: None
    seen_crash: Callable[[], KitCrash] = lambda: NO_CRASH
    _blames: dict[str, tuple[Blame, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.report = RunReport(self.names.run_id)

    def explain(self, error: BaseException) -> KitCrash:
        """Return the kit's crash where one is behind an error; a kit's own error then says so first."""
        if blame(error, during_setup=False).fault is not Fault.STUDENT:
            return NO_CRASH
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
        """Write the report as it stands, where the user asked for one."""
        self.report.seconds = round(time.monotonic() - self.began, 3)
        if self.options.report is not None:
            self.report.write(self.options.report)


def _variant_of(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("variant", "")) if callspec else ""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Find kit and cloud before anything runs: without them, exit 4 and one line that says what to type."""
    items = [item for item in session.items if item.get_closest_marker("hardware")]
    if not items or session.config.option.collectonly:
        return
    try:
        options = read_options(session.config)
        run = OnKitRun(options, choose_kit(options), require_cloud(options), new_run())
    except KitbenchError as error:
        raise pytest.UsageError(str(error)) from error
    run.report.expected_checks = [item.nodeid for item in items]
    session.config.stash[RUN_KEY] = run
    run.write()
    # A terminated run cleans up like one that Ctrl-C ended: the kit is parked, the cloud is left empty.
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))


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
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail closed: a run in which something was not shown is no success."""
    run = session.config.stash.get(RUN_KEY, None)
    if run is None:
        return
    shown = run.report.complete and all(check.outcome is not Outcome.NOT_GRADED for check in run.report.checks)
    if exitstatus == pytest.ExitCode.OK and not shown:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
    run.report.exit_status = int(session.exitstatus)
    run.write()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in a few lines which kit and cloud it was, what it cost, and what was not shown, with whose fault it is."""
    run = terminalreporter.config.stash.get(RUN_KEY, None)
    if run is None:
        return
    report = run.report
    terminalreporter.section("kitbench")
    terminalreporter.line(f"kit: {_shown(report.kit)}; cloud: {_shown(report.cloud)}; cost: {_shown(report.meter)}")
    for check in report.checks:
        if check.outcome is not Outcome.PASSED:
            variant = f" [{check.variant}]" if check.variant else ""
            reason = one_line(check.reason)
            terminalreporter.line(f"{check.outcome}: {check.name}{variant} — {reason} ({check.fault} fault)")
    if run.options.report is not None:
        terminalreporter.line(f"run report: {run.options.report}")


def _shown(values: dict[str, object]) -> str:
    return ", ".join(f"{key} {value}" for key, value in values.items() if value not in (None, "")) or "none"
