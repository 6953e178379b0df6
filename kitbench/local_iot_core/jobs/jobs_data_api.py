"""The Jobs service for devices that speak HTTPS: `iot-jobs-data`.

Source: AWS IoT jobs data plane API reference, per call. A caller is an IAM principal, and may do everything here.
"""

import json
from typing import Final

from kitbench.local_iot_core.apis.data_plane_api import DataPlaneCall, DataPlaneError
from kitbench.local_iot_core.apis.rest_parameters import parameters_of
from kitbench.local_iot_core.jobs import device_requests
from kitbench.local_iot_core.jobs.job_error import JobError, JobErrorCode, Json
from kitbench.local_iot_core.jobs.job_store import JobStore

#: Code of a refusal → status of HTTP and the error's name.
_ERRORS: Final = {
    JobErrorCode.RESOURCE_NOT_FOUND: (404, "ResourceNotFoundException"),
    JobErrorCode.INVALID_STATE_TRANSITION: (409, "InvalidStateTransitionException"),
    JobErrorCode.VERSION_MISMATCH: (409, "VersionMismatch"),
    JobErrorCode.TERMINAL_STATE_REACHED: (410, "TerminalStateException"),
}


def answer(store: JobStore, call: DataPlaneCall) -> bytes:
    """Return the body of the answer.

    Raises:
        DataPlaneError: AWS would refuse the call.
    """
    body = parameters_of("iot-jobs-data", call)
    thing = body["thingName"]
    try:
        told = _serve(store, call.operation, thing, body)
    except JobError as error:
        status, kind = _ERRORS.get(error.code, (400, "InvalidRequestException"))
        raise DataPlaneError(status, kind, str(error)) from error
    return json.dumps(_with_document_as_text(told)).encode()


def _serve(store: JobStore, operation: str, thing: str, body: Json) -> Json:
    if operation == "GetPendingJobExecutions":
        return device_requests.get_pending(store, thing)
    if operation == "StartNextPendingJobExecution":
        return device_requests.start_next(store, thing, body)
    if operation == "UpdateJobExecution":
        return device_requests.update(store, thing, body["jobId"], body)
    return device_requests.describe(store, thing, body["jobId"], body)


def _with_document_as_text(told: Json) -> Json:
    """Return an answer whose documents are texts, as HTTPS has them; over MQTT they are JSON."""
    return {
        key: json.dumps(value)
        if key == "jobDocument"
        else _with_document_as_text(value)
        if key == "execution"
        else value
        for key, value in told.items()
    }
