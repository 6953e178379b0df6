"""Judge of a reported state."""

import json

import pytest

from kitbench.local_iot_core.device_advisor.judging.shadows import judge_reported_state
from kitbench.local_iot_core.device_advisor.judging.terms import Terms
from kitbench.local_iot_core.device_advisor.verdict import Outcome
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript

TOPIC = "$aws/things/kit/shadow/update"


@pytest.mark.parametrize(
    ("topic", "payload", "outcome"),
    [
        (TOPIC, b'{"state": {"reported": {"t": 21}}}', Outcome.PASSED),
        ("$aws/things/kit/shadow/name/a/update", b'{"state": {"reported": {}}}', Outcome.PASSED),
        (TOPIC, b'{"state": {"desired": {}}}', Outcome.FAILED),
        (TOPIC, b"[", Outcome.FAILED),
        ("$aws/things/kit/shadow/get", b"", Outcome.NOT_JUDGED),
    ],
)
def test_a_reported_state_is_looked_for(topic: str, payload: bytes, outcome: Outcome) -> None:
    script = WireScript()
    script.note(script.connect(0.0), 1.0, Step.RECEIVED, Publish(topic, payload))
    verdict = judge_reported_state(script.log, Terms(60.0, is_over=True))
    assert verdict is not None
    assert verdict.outcome is outcome


def test_names_that_the_device_chose_are_quoted() -> None:
    script = WireScript()
    payload = json.dumps({"state": {"reported": {"a\x1b[2J\n   passed  forged": 1, "b": 2}}}).encode()
    script.note(script.connect(0.0), 1.0, Step.RECEIVED, Publish(TOPIC, payload))

    verdict = judge_reported_state(script.log, Terms(60.0, is_over=True))

    assert verdict is not None
    assert verdict.reason.isprintable()
    assert "forged" in verdict.reason
