"""A job: its document, its targets, and what CreateJob takes. Pure.

Sources: AWS IoT API reference, "CreateJob", "Job"; AWS IoT Core developer guide, "Jobs key concepts".
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from kitbench.local_iot_core.jobs.job_error import JobError, JobErrorCode, Json
from kitbench.local_iot_core.policies.registry import ARN_PREFIX

#: What CreateJob may be given here; all else would have no effect, and is refused.
_MODELLED: Final = frozenset({"jobId", "targets", "document", "description", "targetSelection", "timeoutConfig"})
#: Minutes of a timeout. Source: AWS General Reference, "AWS IoT Device Management endpoints and quotas".
TIMEOUT_MINUTES: Final = range(1, 10_080 + 1)


@dataclass(slots=True)
class Job:
    """A job; all times in seconds since 1970.

    Attributes:
        document: JSON, as it was given.
        targets: ARNs of things and thing groups.
        is_continuous: things that come into a target group later get it, too.
        timeout_min: how long an execution may be in progress; None for ever.
        reached: names of the things that have or had an execution of it.
    """

    job_id: str
    document: str
    targets: tuple[str, ...]
    created_at: float
    updated_at: float
    is_continuous: bool = False
    timeout_min: int | None = None
    description: str = ""
    status: str = "IN_PROGRESS"
    completed_at: float | None = None
    cancellation: Json = field(default_factory=dict)
    reached: set[str] = field(default_factory=set)

    @property
    def arn(self) -> str:
        """The job's ARN."""
        return f"{ARN_PREFIX}job/{self.job_id}"

    @property
    def is_over(self) -> bool:
        """Whether the job is COMPLETED or CANCELED."""
        return self.status != "IN_PROGRESS"

    def named(self) -> Json:
        """Return what calls that change a job answer."""
        return {"jobArn": self.arn, "jobId": self.job_id, "description": self.description}

    def summary(self) -> Json:
        """Return AWS's JobSummary."""
        selection = "CONTINUOUS" if self.is_continuous else "SNAPSHOT"
        return {
            "jobArn": self.arn,
            "jobId": self.job_id,
            "targetSelection": selection,
            "status": self.status,
            "createdAt": self.created_at,
            "lastUpdatedAt": self.updated_at,
        } | ({} if self.completed_at is None else {"completedAt": self.completed_at})

    def described(self, counts: Mapping[str, int]) -> Json:
        """Return AWS's Job, with how many executions are in which state."""
        timeout = {} if self.timeout_min is None else {"inProgressTimeoutInMinutes": self.timeout_min}
        return {
            **self.summary(),
            **self.cancellation,
            "targets": list(self.targets),
            "description": self.description,
            "timeoutConfig": timeout,
            "jobProcessDetails": {f"numberOf{name}Things": counts.get(status, 0) for status, name in _COUNTED.items()},
        }


_COUNTED: Final = {
    "CANCELED": "Canceled",
    "SUCCEEDED": "Succeeded",
    "FAILED": "Failed",
    "REJECTED": "Rejected",
    "QUEUED": "Queued",
    "IN_PROGRESS": "InProgress",
    "REMOVED": "Removed",
    "TIMED_OUT": "TimedOut",
}


def parse_job(request: Json, now_s: float) -> Job:
    """Return the job in a CreateJob request.

    Raises:
        JobError: AWS would refuse it.
        NotImplementedError: it asks for what is not modelled.
    """
    require_modelled_parameters("CreateJob", request, _MODELLED)
    targets = tuple(dict.fromkeys(request["targets"]))
    is_continuous = request.get("targetSelection", "SNAPSHOT") == "CONTINUOUS"
    document = parse_document(request.get("document"))
    timeout = parse_timeout(request.get("timeoutConfig"))
    description = request.get("description", "")
    return Job(request["jobId"], document, targets, now_s, now_s, is_continuous, timeout, description)


def require_modelled_parameters(operation: str, request: Json, modelled: frozenset[str]) -> None:
    """Let a request pass whose parameters all have an effect here.

    Raises:
        NotImplementedError: one has none.
    """
    if unknown := sorted(set(request) - modelled):
        advice = "; give the job's document itself" if unknown[0] == "documentSource" else ""
        raise NotImplementedError(f"{unknown[0]} of {operation} is not modelled by the local IoT core{advice}")


def parse_document(text: str | None) -> str:
    """Return a job's document.

    Raises:
        JobError: there is none, or it is no JSON object.
        NotImplementedError: AWS would put a presigned URL into it.
    """
    if text is None:
        raise JobError(JobErrorCode.INVALID_REQUEST, "document is missing")
    try:
        tree = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise JobError(JobErrorCode.INVALID_REQUEST, "document is not JSON") from error
    if not isinstance(tree, dict):
        raise JobError(JobErrorCode.INVALID_REQUEST, "document is not a JSON object")
    if "${aws:iot:" in text:
        raise NotImplementedError("placeholders ${aws:iot:…} of a job's document are not modelled")
    return text


def parse_timeout(config: Any) -> int | None:
    """Return the minutes of a `timeoutConfig`; None where it says nothing.

    Raises:
        JobError: they are out of range.
    """
    minutes = (config or {}).get("inProgressTimeoutInMinutes")
    if minutes is not None and minutes not in TIMEOUT_MINUTES:
        raise JobError(JobErrorCode.INVALID_REQUEST, f"inProgressTimeoutInMinutes is {minutes}, and may be 1 to 10080")
    return None if minutes is None else int(minutes)
