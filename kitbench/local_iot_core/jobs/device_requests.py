"""What a device asks of the Jobs service, the same over MQTT and HTTPS: bodies in, bodies out.

Sources: AWS IoT Core developer guide, "Jobs device MQTT API operations"; AWS IoT jobs data plane API reference.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from kitbench.local_iot_core.jobs.job import TIMEOUT_MINUTES
from kitbench.local_iot_core.jobs.job_error import JobError, JobErrorCode, Json
from kitbench.local_iot_core.jobs.job_execution import NO_STEP_TIMEOUT, REPORTED, JobExecution
from kitbench.local_iot_core.jobs.job_store import JobStore

#: The job id that means what is to be done next.
NEXT: Final = "$next"
_DETAIL_NAME: Final = re.compile(r"[a-zA-Z0-9:_-]{1,128}")
_DETAIL_SIZE: Final = 1024


def get_pending(store: JobStore, thing: str) -> Json:
    """Return what is to be done on a thing, by state."""
    store.require_thing(thing)
    pending = store.pending(thing)
    return {
        "inProgressJobs": [one.summary() for one in pending if one.status == "IN_PROGRESS"],
        "queuedJobs": [one.summary() for one in pending if one.status == "QUEUED"],
    }


def start_next(store: JobStore, thing: str, body: Json) -> Json:
    """Return what is to be done next on a thing, now in progress; without an execution where there is none.

    Raises:
        JobError: the request is not valid, or there is no such thing.
    """
    store.require_thing(thing)
    details, step_timeout = _details(body), _step_timeout(body)
    pending = store.pending(thing)
    if not pending:
        return {}
    following = pending[0]
    now_s = store.now()
    if following.status == "QUEUED":
        following.move("IN_PROGRESS", now_s, details)
        following.start_timer(store.job(following.job_id).timeout_min, now_s)
    following.set_step_timeout(step_timeout, now_s)
    store.changed(following)
    return {"execution": store.full(following)}


def describe(store: JobStore, thing: str, job_id: str, body: Json) -> Json:
    """Return an execution, or what is next on a thing; without one where nothing is.

    Raises:
        JobError: there is no such execution, it is over, or the request is not valid.
    """
    store.require_thing(thing)
    with_document = _boolean(body, "includeJobDocument", default=True)
    if job_id == NEXT:
        pending = store.pending(thing)
        if not pending:
            return {}
        found = pending[0]
    else:
        found = store.execution(thing, job_id, _number(body, "executionNumber"))
    if not found.is_pending:
        why = f"job execution is {found.status}: there is nothing left to be done"
        raise JobError(JobErrorCode.TERMINAL_STATE_REACHED, why, found.state)
    return {"execution": store.full(found) if with_document else found.described(store.now())}


def update(store: JobStore, thing: str, job_id: str, body: Json) -> Json:
    """Follow what a device says of an execution; return what it asks to be told.

    Raises:
        JobError: the request is not valid, or does not fit the execution's state or version.
    """
    status = body.get("status")
    if not isinstance(status, str) or status not in REPORTED:
        why = f"status is {str(status)[:40]!r}, and may be {', '.join(sorted(REPORTED))}"
        raise JobError(JobErrorCode.INVALID_REQUEST, why)
    details, step_timeout = _details(body), _step_timeout(body)
    with_state = _boolean(body, "includeJobExecutionState", default=False)
    with_document = _boolean(body, "includeJobDocument", default=False)
    expected = _number(body, "expectedVersion")
    found = store.execution(thing, job_id, _number(body, "executionNumber"))
    found.require_version(expected)
    now_s = store.now()
    found.move(status, now_s, details)
    if status == "IN_PROGRESS":
        found.start_timer(store.job(job_id).timeout_min, now_s)
        found.set_step_timeout(step_timeout, now_s)
    document = store.full(found)["jobDocument"] if with_document else None
    store.changed(found)
    return _told(found, document, with_state=with_state)


def _told(found: JobExecution, document: Json | None, *, with_state: bool) -> Json:
    state = {"executionState": found.state} if with_state else {}
    return state | ({} if document is None else {"jobDocument": document})


def _details(body: Json) -> Mapping[str, str] | None:
    """Return `statusDetails`; None where there are none, which leaves those of the execution."""
    details = body.get("statusDetails")
    if details is None:
        return None
    if not isinstance(details, dict):
        raise JobError(JobErrorCode.INVALID_REQUEST, "statusDetails is not an object")
    for name, value in details.items():
        if not _DETAIL_NAME.fullmatch(name):
            raise JobError(JobErrorCode.INVALID_REQUEST, f"statusDetails has the name {name[:40]!r}")
        if not isinstance(value, str) or not 1 <= len(value) <= _DETAIL_SIZE:
            why = f"statusDetails.{name[:40]} is no text of 1 to {_DETAIL_SIZE} characters"
            raise JobError(JobErrorCode.INVALID_REQUEST, why)
    return details


def _step_timeout(body: Json) -> int | None:
    minutes = _number(body, "stepTimeoutInMinutes")
    if minutes is not None and minutes != NO_STEP_TIMEOUT and minutes not in TIMEOUT_MINUTES:
        why = f"stepTimeoutInMinutes is {minutes}, and may be 1 to {TIMEOUT_MINUTES[-1]}, or -1"
        raise JobError(JobErrorCode.INVALID_REQUEST, why)
    return minutes


def _number(body: Json, name: str) -> int | None:
    value: Any = body.get(name)
    if isinstance(value, str) and value.lstrip("-").isdecimal() and len(value) < 20:
        value = int(value)  # AWS's own documentation writes numbers of these requests as texts, too
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        raise JobError(JobErrorCode.INVALID_REQUEST, f"{name} is no whole number")
    return value


def _boolean(body: Json, name: str, *, default: bool) -> bool:
    value: Any = body.get(name)
    if value is not None and not isinstance(value, bool):
        raise JobError(JobErrorCode.INVALID_REQUEST, f"{name} is neither true nor false")
    return default if value is None else value
