"""The state of an on-kit run, and what its tests' outcomes mean."""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from kitbench.bench.kits.crash_watch import KitCrashedError
from kitbench.bench.kits.kit_choice import KitChoice, Worker
from kitbench.bench.kits.kit_crash import NO_CRASH, KitCrash
from kitbench.bench.kits.kit_in_test import LiveBench
from kitbench.bench.kits.run_options import RunOptions
from kitbench.bench.records.run_report import Check, CheckOutcome, RunReport, one_line
from kitbench.cloud.things.names import Run
from kitbench.errors import Fault, GapError, KitError
from kitbench.kit_desk import DeskLine
from kitbench.pytest_plugin.blame import PASSED, Blame, blame
from kitbench.pytest_plugin.provenance import TestPlace, is_claim_of_test

RUN_KEY: Final = pytest.StashKey["OnKitRun"]()


@dataclass(slots=True)
class OnKitRun:
    """The state of the run; fixtures fill in the report's kit, cloud, builds and meter.

    Attributes:
        kits: this process's own; the first fit one is used.
        live: the kit and the cloud as they are now; fixtures enter it.
        desk: hands the run its kit when the firmware is built; None for a run that has its kits from the start.
        in_use: the kit that was opened.
        held: what is let go of at the end of the session, such as the kits' locks.
        without_keys: blanks the run's private keys in a text that is kept or shown; the evidence, once there is one,
            knows them.
    """

    options: RunOptions
    kits: tuple[KitChoice, ...]
    cloud: str
    names: Run
    worker: Worker = field(default_factory=Worker)
    report: RunReport = field(init=False)
    began: float = field(default_factory=time.monotonic)
    live: LiveBench = field(default_factory=LiveBench)
    held: ExitStack = field(default_factory=ExitStack)
    without_keys: Callable[[str], str] = str
    desk: DeskLine | None = None
    in_use: KitChoice | None = None
    _blames: dict[str, tuple[Blame, float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.report = RunReport(self.names.run_id)

    @property
    def budget(self) -> int:
        """Messages that this process may cost: its share of the run's."""
        return max(1, self.options.budget // self.worker.count)

    def explain(self, item: pytest.Item, call: pytest.CallInfo[None]) -> KitCrash:
        """Return the kit's crash where one is behind an error; a kit's own error then says so first."""
        if call.excinfo is None or blame_for(item, call).fault is not Fault.STUDENT:
            return NO_CRASH
        error = call.excinfo.value
        if isinstance(error, KitCrashedError):
            return error.crash
        crash = self.live.crash()
        if crash.summary and isinstance(error, KitError):
            error.message = f"{crash.summary}; {error.message}"
        return crash

    def take(self, item: pytest.Item, call: pytest.CallInfo[None], crash: KitCrash = NO_CRASH) -> None:
        """Note the outcome of one phase of a test; the first that did not pass decides."""
        known, seconds = self._blames.get(item.nodeid, (PASSED, 0.0))
        if call.excinfo is not None and known.outcome is CheckOutcome.PASSED:
            known = self._judge(blame_for(item, call), crash)
        self._blames[item.nodeid] = (known, seconds + call.duration)
        if call.when == "teardown":
            self._record(item)
            self.live.forget_kit()

    def _judge(self, verdict: Blame, crash: KitCrash) -> Blame:
        if verdict.fault is Fault.STUDENT and crash.summary not in verdict.reason:
            verdict = replace(verdict, reason=one_line(f"{crash.summary}; {verdict.reason}"))
        if verdict.fault is Fault.STUDENT and verdict.stage != "build" and not self.live.cloud_answers():
            return Blame(CheckOutcome.NOT_GRADED, Fault.CLOUD, "cloud", f"the cloud went away: {verdict.reason}")
        if _may_follow_from_a_gap(verdict) and (feature := self.live.lacks()):
            return _of_gap(GapError(feature, where="while it ran", stage=verdict.stage), verdict)
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
                reason=one_line(self.without_keys(verdict.reason)),
                seconds=round(seconds, 3),
                lacks=one_line(self.without_keys(verdict.lacks)),
                no_relay=verdict.no_relay,
            )
        )
        self.write()

    def is_doubtful(self) -> bool:
        """Say whether a kit on a port may be behind a check that was not passed: not where nothing was flashed yet."""
        return (self.in_use is not None and bool(self.in_use.port)) and any(map(_may_be_the_kits, self.report.checks))

    def excuse(self, reason: str) -> None:
        """Note that the kit failed: whatever was not passed on it says nothing of its firmware."""
        self.report.kit = {**self.report.kit, "unfit": reason}
        self.report.checks = [_excused(check, reason) for check in self.report.checks]

    def write(self) -> None:
        """Write the report as it stands, where the user asked for one; a worker's goes to pytest-xdist's controller."""
        self.report.seconds = round(time.monotonic() - self.began, 3)
        if self.options.report is not None and not self.worker.is_spread:
            self.report.write(self.options.report)


def _may_be_the_kits(check: Check) -> bool:
    is_ours = check.fault is Fault.BENCH and not (check.lacks or check.no_relay or check.stage == "select")
    return (check.fault is Fault.STUDENT or is_ours) and check.stage != "build"


def _excused(check: Check, reason: str) -> Check:
    if check.fault is not Fault.STUDENT or check.stage == "build":
        return check
    seen = one_line(f"the kit failed: {reason}; seen: {check.reason}")
    return replace(check, outcome=CheckOutcome.NOT_GRADED, fault=Fault.BENCH, stage="kit", reason=seen)


def _may_follow_from_a_gap(verdict: Blame) -> bool:
    """Whether what a kit lacks may be behind a failure: not where it did something, nor before the firmware ran."""
    return verdict.fault is Fault.STUDENT and not verdict.is_deed and verdict.stage not in {"build", "flash"}


def _of_gap(gap: GapError, seen: Blame) -> Blame:
    """Return that a failure behind a stand-in's gap is nobody's but the bench's, and what was seen."""
    return Blame(CheckOutcome.NOT_GRADED, Fault.BENCH, seen.stage, one_line(f"{gap}; seen: {seen.reason}"), gap.lacks)


def blame_for(item: pytest.Item, call: pytest.CallInfo[None]) -> Blame:
    """Return what the error of one phase of a test means."""
    assert call.excinfo is not None
    error = call.excinfo.value
    place = TestPlace(item.path.parent, item.config.rootpath)
    return blame(error, in_test=call.when == "call", is_claim=is_claim_of_test(error, place))


def _variant_of(item: pytest.Item) -> str:
    callspec = getattr(item, "callspec", None)
    return str(callspec.params.get("variant", "")) if callspec else ""
