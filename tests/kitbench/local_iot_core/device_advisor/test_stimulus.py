"""What a device is sent, and what its shadow asks for."""

import json
from typing import Any

import pytest

from kitbench.local_iot_core.device_advisor.behaviour import LARGE_PAYLOAD, Delivery
from kitbench.local_iot_core.device_advisor.stimulus import CLIENT_TOKEN, Stimulus, changed, desired_update
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish, Suback, Subscribe, SubscriptionRequest
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript

TOPIC = "$aws/things/kit/shadow/name/lamp/update"


def test_payloads_are_those_of_the_configuration() -> None:
    assert json.loads(Stimulus().payload_of(Delivery.SMALL)) == {"message": "Device Advisor"}
    assert Stimulus(payload=b"on").payload_of(Delivery.SMALL) == b"on"
    for form in ("", '{"message":"${payload}"}'):
        large = Stimulus(form=form).payload_of(Delivery.LARGE)
        assert len(large) == LARGE_PAYLOAD
        assert json.loads(large).keys() == {"message"}


def listening(topic_filter: str, *states: Any, code: int = 0) -> WireScript:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 1.0, Step.RECEIVED, Subscribe(1, (SubscriptionRequest(topic_filter, 0),)))
    script.note(link, 1.1, Step.SENT, Suback(1, (code,)))
    for state in states:
        script.note(link, 1.2, Step.RECEIVED, Publish(TOPIC, json.dumps({"state": {"reported": state}}).encode()))
    return script


@pytest.mark.parametrize("topic_filter", [f"{TOPIC}/delta", f"{TOPIC}/#", "$aws/things/kit/shadow/name/+/update/delta"])
def test_a_device_that_listens_is_asked_for_another_state_than_it_reported_last(topic_filter: str) -> None:
    script = listening(topic_filter, {"on": False}, {"on": True, "level": 4, "name": "hall"})
    update = desired_update(script.log, Stimulus())
    assert update is not None
    assert update.topic == TOPIC
    body = {"state": {"desired": {"on": False, "level": 5}}, "clientToken": CLIENT_TOKEN}
    assert json.loads(update.payload) == body


def test_the_state_of_the_configuration_needs_no_report() -> None:
    script = listening(f"{TOPIC}/delta")
    assert desired_update(script.log, Stimulus()) is None
    update = desired_update(script.log, Stimulus(desired={"mode": "eco"}))
    assert update is not None
    assert json.loads(update.payload)["state"] == {"desired": {"mode": "eco"}}


def test_a_device_that_does_not_listen_is_not_asked() -> None:
    assert desired_update(listening("kit/#", {"on": True}).log, Stimulus()) is None
    assert desired_update(listening(f"{TOPIC}/delta", {"on": True}, code=0x80).log, Stimulus()) is None
    script = listening(f"{TOPIC}/delta", {"on": True})
    script.note(0, 2.0, Step.CLOSED)
    assert desired_update(script.log, Stimulus()) is None


def test_only_switches_and_numbers_are_changed() -> None:
    assert changed({"a": True, "b": 1.5, "c": "x", "d": [1], "e": None}) == {"a": False, "b": 2.5}
