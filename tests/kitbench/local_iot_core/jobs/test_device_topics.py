"""Which topics are requests, and that no payload ends the service."""

import json

import pytest

from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.jobs import device_topics
from kitbench.local_iot_core.jobs.job_store import JobStore
from kitbench.local_iot_core.policies.registry import Registry, Thing


def store() -> JobStore:
    return JobStore(lambda: Registry({}, {"a": Thing("a")}), lambda: 1000.0, lambda *_: None)


@pytest.mark.parametrize(
    "topic",
    ["$aws/things/a/jobs/update", "$aws/things/a/jobs/x/start-next/y", "$aws/things/a/jobs/notify", "$aws/things/a/x"],
)
def test_topic_that_is_no_request_is_not_answered(topic: str) -> None:
    assert device_topics.answer(store(), Message(topic, b"{}")) is None


def test_thing_without_jobs_has_none_pending() -> None:
    answered = device_topics.answer(store(), Message("$aws/things/a/jobs/get", b""))

    assert answered is not None
    assert answered.message.topic == "$aws/things/a/jobs/get/accepted"
    assert json.loads(answered.message.payload) == {"inProgressJobs": [], "queuedJobs": [], "timestamp": 1000}


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (b"\xff", "InvalidJson"),
        (b"[]", "InvalidJson"),
        (b"[" * 100_000, "InvalidJson"),
        (b'{"clientToken": 5}', "InvalidRequest"),
        (b'{"clientToken": "' + b"x" * 65 + b'"}', "InvalidRequest"),
        (b'{"statusDetails": []}', "InvalidRequest"),
        (b'{"stepTimeoutInMinutes": true}', "InvalidRequest"),
    ],
)
def test_bad_payload_is_rejected_with_its_code(payload: bytes, code: str) -> None:
    answered = device_topics.answer(store(), Message("$aws/things/a/jobs/start-next", payload))

    assert answered is not None
    assert answered.message.topic == "$aws/things/a/jobs/start-next/rejected"
    assert json.loads(answered.message.payload)["code"] == code
    assert answered.refusal.startswith(code)


def test_unknown_thing_is_not_found() -> None:
    answered = device_topics.answer(store(), Message("$aws/things/b/jobs/get", b'{"clientToken": "t"}'))

    assert answered is not None
    told = json.loads(answered.message.payload)
    assert (told["code"], told["clientToken"]) == ("ResourceNotFound", "t")
