"""The Jobs service for whoever runs a fleet: the job operations of `iot`.

Source: AWS IoT API reference, per call.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from kitbench.local_iot_core.apis.data_plane_api import DataPlaneCall, DataPlaneError, page_of
from kitbench.local_iot_core.apis.rest_parameters import parameters_of
from kitbench.local_iot_core.jobs.job import parse_job, parse_timeout, require_modelled_parameters
from kitbench.local_iot_core.jobs.job_error import JobError, JobErrorCode, Json
from kitbench.local_iot_core.jobs.job_execution import JobExecution
from kitbench.local_iot_core.jobs.job_store import JobStore
from kitbench.local_iot_core.policies.registry import ARN_PREFIX

_ERRORS: Final = {
    JobErrorCode.RESOURCE_NOT_FOUND: (404, "ResourceNotFoundException"),
    JobErrorCode.RESOURCE_ALREADY_EXISTS: (409, "ResourceAlreadyExistsException"),
    JobErrorCode.INVALID_STATE_TRANSITION: (409, "InvalidStateTransitionException"),
    JobErrorCode.VERSION_MISMATCH: (409, "VersionConflictException"),
}


def answer(store: JobStore, call: DataPlaneCall) -> bytes:
    """Return the body of the answer.

    Raises:
        DataPlaneError: AWS would refuse the call.
        NotImplementedError: it asks for what is not modelled.
    """
    body = parameters_of("iot", call)
    for name in _UNMODELLED.intersection(body):
        raise NotImplementedError(f"{name} of {call.operation} is not modelled by the local IoT core")
    try:
        return json.dumps(_OPERATIONS[call.operation](store, body)).encode()
    except JobError as error:
        status, kind = _ERRORS.get(error.code, (400, "InvalidRequestException"))
        raise DataPlaneError(status, kind, str(error)) from error


def _create_job(store: JobStore, body: Json) -> Json:
    job = parse_job(body, store.now())
    store.create(job)
    return job.named()


def _describe_job(store: JobStore, body: Json) -> Json:
    job = store.job(body["jobId"])
    return {"job": job.described(store.counts(job.job_id))}


def _get_job_document(store: JobStore, body: Json) -> Json:
    return {"document": store.job(body["jobId"]).document}


def _list_jobs(store: JobStore, body: Json) -> Json:
    group = f"{ARN_PREFIX}thinggroup/{body['thingGroupName']}" if "thingGroupName" in body else None
    found = [
        job.summary()
        for job in reversed(store.jobs.values())
        if group in {None, *job.targets}
        and body.get("status") in {None, job.status}
        and body.get("targetSelection") in {None, job.summary()["targetSelection"]}
    ]
    return _page("jobs", found, body)


def _update_job(store: JobStore, body: Json) -> Json:
    require_modelled_parameters("UpdateJob", body, frozenset({"jobId", "description", "timeoutConfig"}))
    job = store.job(body["jobId"])
    timeout = parse_timeout(body.get("timeoutConfig"))
    if job.is_over:
        raise JobError(JobErrorCode.INVALID_REQUEST, f"job {job.job_id} is {job.status}, and cannot be updated")
    job.description = body.get("description", job.description)
    job.timeout_min = timeout or job.timeout_min
    job.updated_at = store.now()
    return {}


def _cancel_job(store: JobStore, body: Json) -> Json:
    job = store.job(body["jobId"])
    why: Json = {name: body[name] for name in ("reasonCode", "comment") if name in body}
    store.cancel(job, force=body.get("force", False), why=why)
    return job.named()


def _delete_job(store: JobStore, body: Json) -> Json:
    store.delete(store.job(body["jobId"]), force=body.get("force", False))
    return {}


def _associate_targets(store: JobStore, body: Json) -> Json:
    job = store.job(body["jobId"])
    store.add_targets(job, tuple(body["targets"]))
    return job.named()


def _describe_execution(store: JobStore, body: Json) -> Json:
    found = _execution(store, body)
    shown = found.described(store.now()) | _times(found) | {"thingArn": _arn(found)}
    shown["statusDetails"] = {"detailsMap": dict(found.details)}
    shown["forceCanceled"] = found.is_force_canceled
    return {"execution": {key: value for key, value in shown.items() if key != "thingName"}}


def _cancel_execution(store: JobStore, body: Json) -> Json:
    found = _execution(store, body)
    found.require_version(body.get("expectedVersion"))
    store.cancel_execution(found, force=body.get("force", False), details=body.get("statusDetails"))
    return {}


def _delete_execution(store: JobStore, body: Json) -> Json:
    store.delete_execution(_execution(store, body), force=body.get("force", False))
    return {}


def _list_for_job(store: JobStore, body: Json) -> Json:
    found = store.executions_of_job(body["jobId"])
    return _executions(found, body, lambda one: {"thingArn": _arn(one)})


def _list_for_thing(store: JobStore, body: Json) -> Json:
    store.require_thing(body["thingName"])
    found = [one for one in store.executions_of_thing(body["thingName"]) if body.get("jobId") in {None, one.job_id}]
    return _executions(found, body, lambda one: {"jobId": one.job_id})


def _executions(found: Iterable[JobExecution], body: Json, name: Callable[[JobExecution], Json]) -> Json:
    summaries = [
        name(one) | {"jobExecutionSummary": _times(one) | {"status": one.status, "executionNumber": one.number}}
        for one in found
        if body.get("status") in {None, one.status}
    ]
    return _page("executionSummaries", summaries, body)


def _execution(store: JobStore, body: Json) -> JobExecution:
    return store.execution(body["thingName"], body["jobId"], body.get("executionNumber"))


def _times(one: JobExecution) -> Json:
    """Return the times as this API has them, with fractions of a second."""
    started = {} if one.started_at is None else {"startedAt": one.started_at}
    return {"queuedAt": one.queued_at, "lastUpdatedAt": one.updated_at} | started


def _arn(one: JobExecution) -> str:
    return f"{ARN_PREFIX}thing/{one.thing}"


def _page(name: str, found: list[Json], body: Json) -> Json:
    page, token = page_of(found, body.get("nextToken"), body.get("maxResults"))
    return {name: page} | token


#: Parameters of these calls that would have no effect here.
_UNMODELLED: Final = frozenset({"namespaceId", "thingGroupId", "beforeSubstitution"})
_OPERATIONS: Final[dict[str, Callable[[JobStore, Any], Json]]] = {
    "CreateJob": _create_job,
    "DescribeJob": _describe_job,
    "GetJobDocument": _get_job_document,
    "ListJobs": _list_jobs,
    "UpdateJob": _update_job,
    "CancelJob": _cancel_job,
    "DeleteJob": _delete_job,
    "AssociateTargetsWithJob": _associate_targets,
    "DescribeJobExecution": _describe_execution,
    "CancelJobExecution": _cancel_execution,
    "DeleteJobExecution": _delete_execution,
    "ListJobExecutionsForJob": _list_for_job,
    "ListJobExecutionsForThing": _list_for_thing,
}
