"""A test's configuration: what it makes of the endpoint and of what is sent."""

from typing import Any

import pytest

from kitbench.local_iot_core.device_advisor.behaviour import HONEST, SILENT, Delivery, always
from kitbench.local_iot_core.device_advisor.configuration import (
    CIPHERS,
    RECORD_SIZE,
    endpoint_wishes,
    state_of,
    stimulus_of,
)
from kitbench.local_iot_core.device_advisor.wire_log import WireLog


def test_wishes_are_laid_over_each_connection_of_a_plan() -> None:
    wishes = endpoint_wishes({RECORD_SIZE: "64", CIPHERS: "ECDHE-RSA-AES128-GCM-SHA256"})
    behaviour = wishes.plan(always(SILENT))(WireLog())
    assert (behaviour.record_size, behaviour.ciphers) == (64, "ECDHE-RSA-AES128-GCM-SHA256")
    assert behaviour.ignores_connect
    assert endpoint_wishes({}).plan(always(HONEST))(WireLog()) == HONEST


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({RECORD_SIZE: "0"}, "between 1 and 16384"),
        ({RECORD_SIZE: 20_000}, "between 1 and 16384"),
        ({RECORD_SIZE: "x"}, "invalid literal"),
        ({CIPHERS: "ROT13"}, "no cipher suite"),
    ],
)
def test_wishes_out_of_bounds_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        endpoint_wishes(given)


def test_a_payload_size_goes_before_a_payload() -> None:
    stimulus = stimulus_of({"PAYLOAD_SIZE": "3", "PAYLOAD_FOR_PUBLISH_VALIDATION": "on", "TRIGGER_TOPIC": "kit/x"})
    assert (stimulus.topic, len(stimulus.payload_of(Delivery.SMALL))) == ("kit/x", 3072)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"PAYLOAD_SIZE": 129}, "between 0 and 128"),
        ({"PAYLOAD_FORMAT": "payload"}, "no .{payload}"),
        ({"DESIRED_STATE": "["}, "Expecting value"),
    ],
)
def test_stimuli_out_of_bounds_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stimulus_of(given)


def test_a_state_is_an_object_or_its_json() -> None:
    assert state_of({"DESIRED_STATE": {"a": 1}}, "DESIRED_STATE") == {"a": 1}
    assert state_of({"DESIRED_STATE": '{"a": 1}'}, "DESIRED_STATE") == {"a": 1}
    assert state_of({}, "DESIRED_STATE") is None
    with pytest.raises(TypeError):
        state_of({"DESIRED_STATE": "1"}, "DESIRED_STATE")


def test_a_job_is_given_by_its_document_and_aws_payload_of_sessions_counts() -> None:
    stimulus = stimulus_of({"JOB_DOCUMENT": '{"operation": "reboot"}', "JOB_JOBID": "night-7", "PAYLOAD": "stored"})
    assert (stimulus.job_document, stimulus.job_id) == ('{"operation": "reboot"}', "night-7")
    assert stimulus.payload_of(Delivery.NOTHING) == b"stored"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"JOB_DOCUMENT": "reboot"}, "JOB_DOCUMENT: document is not JSON"),
        ({"JOB_DOCUMENT": '{"url": "${aws:iot:s3-presigned-url:https://b/k}"}'}, "JOB_DOCUMENT: placeholders"),
        ({"JOB_JOBID": "mine"}, "JOB_JOBID without JOB_DOCUMENT"),
        ({"JOB_DOCUMENT": "{}", "JOB_JOBID": "a b"}, "JOB_JOBID has 1 to 64 letters"),
    ],
)
def test_a_job_that_cannot_be_given_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stimulus_of(given)
