"""The Jobs service on MQTT: requests of devices on a thing's topics, and what is answered.

Source: AWS IoT Core developer guide, "Jobs device MQTT API operations", "Reserved topics" (job topics).
"""

import json
import re
from dataclasses import dataclass
from typing import Final

from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.jobs import device_requests
from kitbench.local_iot_core.jobs.job_error import JobError, JobErrorCode, Json
from kitbench.local_iot_core.jobs.job_store import JobStore

_THING: Final = r"\$aws/things/(?P<thing>[a-zA-Z0-9:_-]{1,128})/jobs/"
_JOB: Final = r"(?P<job>[a-zA-Z0-9_-]{1,64}|\$next)/(?P<verb>get|update)"
_TOPIC: Final = re.compile(rf"{_THING}({_JOB}|(?P<verb_of_all>get|start-next))")
#: Characters of a client token. Source: AWS IoT Core quotas, as for shadows.
_TOKEN_SIZE: Final = 64


@dataclass(frozen=True, slots=True)
class Answered:
    """What a request is answered with.

    Attributes:
        message: for the client that asked, and for nobody else.
        refusal: why it was refused, in one line; "" where it was not.
    """

    message: Message
    refusal: str = ""


def answer(store: JobStore, request: Message) -> Answered | None:
    """Return the answer to a message; None where its topic is none of a request to the Jobs service."""
    match = _TOPIC.fullmatch(request.topic)
    if match is None:
        return None
    token: Json = {}
    stamp = {"timestamp": int(store.now())}
    try:
        body = _parse(request.payload)
        token = _token(body)
        told = _serve(store, match["thing"], match["job"], match["verb"] or match["verb_of_all"], body)
    except JobError as error:
        state = {} if error.state is None else {"executionState": error.state}
        rejected = {"code": str(error.code), "message": str(error)} | state | stamp | token
        return Answered(_message(f"{request.topic}/rejected", rejected), f"{error.code}: {error}")
    return Answered(_message(f"{request.topic}/accepted", told | stamp | token))


def notification(thing: str, kind: str, body: Json) -> Message:
    """Return what a thing is told without having asked: `kind` is ``"notify"`` or ``"notify-next"``."""
    return _message(f"$aws/things/{thing}/jobs/{kind}", body)


def _serve(store: JobStore, thing: str, job_id: str | None, verb: str, body: Json) -> Json:
    if job_id is None:
        is_start = verb == "start-next"
        return device_requests.start_next(store, thing, body) if is_start else device_requests.get_pending(store, thing)
    if verb == "update":
        return device_requests.update(store, thing, job_id, body)
    return device_requests.describe(store, thing, job_id, body)


def _parse(payload: bytes) -> Json:
    try:
        body = json.loads(payload or b"{}")
    except (ValueError, RecursionError) as error:
        raise JobError(JobErrorCode.INVALID_JSON, "payload is not JSON") from error
    if not isinstance(body, dict):
        raise JobError(JobErrorCode.INVALID_JSON, "payload is not a JSON object")
    return body


def _token(body: Json) -> Json:
    token = body.get("clientToken")
    if token is None:
        return {}
    if not isinstance(token, str) or not 1 <= len(token) <= _TOKEN_SIZE:
        raise JobError(JobErrorCode.INVALID_REQUEST, f"clientToken is no text of 1 to {_TOKEN_SIZE} characters")
    return {"clientToken": token}


def _message(topic: str, body: Json) -> Message:
    return Message(topic, json.dumps(body, separators=(",", ":")).encode())
