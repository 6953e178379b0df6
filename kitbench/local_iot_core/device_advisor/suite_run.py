"""A run of a suite: one test after the other on an endpoint's stage. No socket, no thread; call `tick` often."""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from kitbench.local_iot_core.device_advisor.stage import Stage
from kitbench.local_iot_core.device_advisor.suite_definition import SuiteTest
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome, Verdict, not_judged
from kitbench.local_iot_core.device_advisor.wire_log import WireLog


class Status(StrEnum):
    """Of a test and of a run; those of AWS's nine that occur here."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    STOPPED = "STOPPED"
    PASS = "PASS"  # noqa: S105 - a status
    PASS_WITH_WARNINGS = "PASS_WITH_WARNINGS"  # noqa: S105 - a status
    FAIL = "FAIL"
    #: Not judged.
    ERROR = "ERROR"


_STATUS: Final = {
    CaseOutcome.PASSED: Status.PASS,
    CaseOutcome.WARNED: Status.PASS_WITH_WARNINGS,
    CaseOutcome.FAILED: Status.FAIL,
    CaseOutcome.NOT_JUDGED: Status.ERROR,
}
#: The worst status of its tests is that of a run.
_BY_WEIGHT: Final = (Status.FAIL, Status.ERROR, Status.STOPPED, Status.PASS_WITH_WARNINGS, Status.PASS)


@dataclass(slots=True)
class TestRun:
    """A test of a run.

    Attributes:
        started, ended: in seconds since 1970.
        log: of the wire; kept for the report.
    """

    __test__ = False

    test: SuiteTest
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: Status = Status.PENDING
    started: float | None = None
    ended: float | None = None
    verdict: Verdict | None = None
    log: WireLog = field(default_factory=WireLog)

    def finish(self, verdict: Verdict, status: Status | None = None) -> None:
        """Keep the verdict of the test that has just ended."""
        self.verdict = verdict
        self.status = status or _STATUS[verdict.outcome]
        self.ended = time.time()


class SuiteRun:
    """One run.

    Args:
        tests: in their order.
        open_stage: makes the stage of a test and puts it on the endpoint.
        facts: further terms of the judges, asked for at each look.
    """

    def __init__(
        self,
        tests: tuple[SuiteTest, ...],
        open_stage: Callable[[SuiteTest], Stage],
        facts: Callable[[], dict[str, Any]] = dict,
    ) -> None:
        self.id = str(uuid.uuid4())
        self.tests = [TestRun(test) for test in tests]
        self.created = time.time()
        self.ended: float | None = None
        self._open_stage = open_stage
        self._facts = facts
        self._stage: Stage | None = None

    @property
    def status(self) -> Status:
        """RUNNING, or the worst of its tests."""
        if self.ended is None:
            return Status.RUNNING
        statuses = {test.status for test in self.tests}
        return next((status for status in _BY_WEIGHT if status in statuses), Status.ERROR)

    def tick(self) -> None:
        """Begin, judge and end tests as it is due."""
        if self.ended is not None:
            return
        current = next((test for test in self.tests if test.ended is None), None)
        if current is None:
            self.ended = time.time()
            return
        if self._stage is None:
            self._begin(current)
        else:
            self._look(current, self._stage)

    def stop(self) -> None:
        """End the run; what is not judged by now never will be."""
        if self.ended is not None:
            return
        for test in self.tests:
            if test.ended is None:
                test.finish(not_judged("the run was stopped"), Status.STOPPED)
        self._end_stage()
        self.ended = time.time()

    def _begin(self, current: TestRun) -> None:
        current.status, current.started = Status.RUNNING, time.time()
        self._stage = self._open_stage(current.test)
        current.log = self._stage.log

    def _look(self, current: TestRun, stage: Stage) -> None:
        stage.tick()
        terms = current.test.terms(stage.now(), **stage.facts(), **self._facts())
        verdict = current.test.case.judge(stage.log, terms)
        if verdict is None and terms.is_over:
            verdict = not_judged("the test's time is over")
        if verdict is not None:
            if verdict.outcome is CaseOutcome.NOT_JUDGED and stage.strangers:
                verdict = not_judged(f"{verdict.reason}; {stage.strangers} connections of other devices", verdict.fix)
            current.finish(verdict)
            self._end_stage()

    def _end_stage(self) -> None:
        if self._stage is not None:
            self._stage.end()
            self._stage = None
