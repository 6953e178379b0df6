"""One job on one thing: its state, its versions, and when it times out. Pure.

Sources: AWS IoT Core developer guide, "Job execution states", "Job execution timeout configuration"; AWS IoT jobs data
plane API reference, "JobExecution".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from kitbench.local_iot_core.jobs.job_error import JobError, JobErrorCode, Json

#: States in which something is still to be done.
PENDING: Final = frozenset({"QUEUED", "IN_PROGRESS"})
#: What a device may say of an execution.
REPORTED: Final = frozenset({"IN_PROGRESS", "SUCCEEDED", "FAILED", "REJECTED"})
#: A step timeout that takes the step timer away.
NO_STEP_TIMEOUT: Final = -1
_MINUTE_S: Final = 60


@dataclass(slots=True)
class JobExecution:
    """A job's execution on a thing; all times in seconds since 1970.

    Attributes:
        number: tells this execution from others of the job on this thing; there is one at most, as nothing is retried.
        version: counts the changes, from 1.
        times_out_at: end of the job's own timeout; None for none, or before it is in progress.
        step_times_out_at: end of the device's step timer; None for none.
    """

    job_id: str
    thing: str
    queued_at: float
    updated_at: float
    number: int = 1
    status: str = "QUEUED"
    details: Mapping[str, str] = field(default_factory=dict)
    version: int = 1
    started_at: float | None = None
    is_force_canceled: bool = False
    times_out_at: float | None = None
    step_times_out_at: float | None = None

    @property
    def is_pending(self) -> bool:
        """Whether something is still to be done."""
        return self.status in PENDING

    @property
    def state(self) -> Json:
        """What devices read as `executionState`."""
        return {"status": self.status, "versionNumber": self.version} | self._details()

    def require_version(self, expected: int | None) -> None:
        """Let a request pass that expects this version, or none.

        Raises:
            JobError: it expects another.
        """
        if expected is not None and expected != self.version:
            why = f"version of the job execution is {self.version}, not {expected}"
            raise JobError(JobErrorCode.VERSION_MISMATCH, why, self.state)

    def move(self, status: str, now_s: float, details: Mapping[str, str] | None = None) -> None:
        """Go to a state, and count a version.

        Raises:
            JobError: nothing is left to be done in the state that this execution is in.
        """
        if not self.is_pending:
            why = f"job execution is {self.status}, and cannot become {status}"
            raise JobError(JobErrorCode.INVALID_STATE_TRANSITION, why, self.state)
        if status == "IN_PROGRESS" and self.started_at is None:
            self.started_at = now_s
        self.status = status
        self.updated_at = now_s
        self.version += 1
        if details is not None:
            self.details = dict(details)

    def set_step_timeout(self, minutes: int | None, now_s: float) -> None:
        """Start the step timer anew, or take it away; None leaves it as it is."""
        if minutes is not None:
            self.step_times_out_at = None if minutes == NO_STEP_TIMEOUT else now_s + minutes * _MINUTE_S

    def start_timer(self, minutes: int | None, now_s: float) -> None:
        """Start the job's own timer, once; no update moves it."""
        if minutes is not None and self.times_out_at is None:
            self.times_out_at = now_s + minutes * _MINUTE_S

    def is_overdue(self, now_s: float) -> bool:
        """Whether one of its timers has run out."""
        left = self._seconds_left(now_s)
        return self.status == "IN_PROGRESS" and left is not None and left <= 0

    def summary(self) -> Json:
        """Return the JobExecutionSummary that devices read."""
        return {
            "jobId": self.job_id,
            "queuedAt": int(self.queued_at),
            "lastUpdatedAt": int(self.updated_at),
            "executionNumber": self.number,
            "versionNumber": self.version,
        } | ({} if self.started_at is None else {"startedAt": int(self.started_at)})

    def described(self, now_s: float) -> Json:
        """Return the JobExecution that devices read, without its document."""
        left = self._seconds_left(now_s) if self.status == "IN_PROGRESS" else None
        remaining = {} if left is None else {"approximateSecondsBeforeTimedOut": max(0, round(left))}
        return self.summary() | {"thingName": self.thing, "status": self.status} | self._details() | remaining

    def _details(self) -> Json:
        return {"statusDetails": dict(self.details)} if self.details else {}

    def _seconds_left(self, now_s: float) -> float | None:
        ends = [end for end in (self.times_out_at, self.step_times_out_at) if end is not None]
        return min(ends) - now_s if ends else None
