"""Judges of a reported state, and of one that the shadow asks for."""

import json

import pytest

from kitbench.local_iot_core.device_advisor.judging.shadows import judge_reported_state, judge_updated_state
from kitbench.local_iot_core.device_advisor.judging.terms import Terms
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_packets import Publish
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript

TOPIC = "$aws/things/kit/shadow/update"


@pytest.mark.parametrize(
    ("topic", "payload", "outcome"),
    [
        (TOPIC, b'{"state": {"reported": {"t": 21}}}', CaseOutcome.PASSED),
        ("$aws/things/kit/shadow/name/a/update", b'{"state": {"reported": {}}}', CaseOutcome.PASSED),
        (TOPIC, b'{"state": {"desired": {}}}', CaseOutcome.FAILED),
        (TOPIC, b"[", CaseOutcome.FAILED),
        ("$aws/things/kit/shadow/get", b"", CaseOutcome.NOT_JUDGED),
    ],
)
def test_a_reported_state_is_looked_for(topic: str, payload: bytes, outcome: CaseOutcome) -> None:
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


def reported(state: object) -> Publish:
    return Publish(TOPIC, json.dumps({"state": {"reported": state}}).encode())


@pytest.mark.parametrize(
    ("shadow", "state", "outcome"),
    [
        ("", {"t": 21}, CaseOutcome.PASSED),
        ("", {"t": 22}, CaseOutcome.FAILED),
        ("", {"t": 21, "u": 1}, CaseOutcome.FAILED),
        ("other", None, CaseOutcome.NOT_JUDGED),
    ],
)
def test_the_state_and_shadow_that_were_asked_for_are_looked_at(
    shadow: str, state: dict[str, int] | None, outcome: CaseOutcome
) -> None:
    script = WireScript()
    script.note(script.connect(0.0), 1.0, Step.RECEIVED, reported({"t": 21, "v": 3}))
    verdict = judge_reported_state(script.log, Terms(60.0, is_over=True, shadow=shadow, reported=state))
    assert verdict is not None
    assert verdict.outcome is outcome


def asked_for(state: object) -> tuple[WireScript, int]:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 0.5, Step.RECEIVED, reported({"pump": {"on": False}, "t": 20}))
    delta = Publish(f"{TOPIC}/delta", json.dumps({"version": 3, "state": state}).encode())
    script.note(link, 1.0, Step.SENT, delta)
    return script, link


def test_a_device_that_reports_what_its_shadow_asked_for_passes() -> None:
    script, link = asked_for({"pump": {"on": True}})
    assert judge_updated_state(script.log, Terms(2.0)) is None
    script.note(link, 2.0, Step.RECEIVED, reported({"pump": {"on": False}, "t": 21}))
    assert judge_updated_state(script.log, Terms(2.0)) is None
    script.note(link, 3.0, Step.RECEIVED, reported({"pump": {"on": True, "level": 2}}))
    verdict = judge_updated_state(script.log, Terms(3.0))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.PASSED
    assert "2.0 s later" in verdict.reason


def test_a_device_that_does_not_follow_fails_and_one_without_a_shadow_is_not_judged() -> None:
    script, _ = asked_for({"t": 21})
    verdict = judge_updated_state(script.log, Terms(60.0, is_over=True))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.FAILED

    script = WireScript()
    script.connect(0.0)
    verdict = judge_updated_state(script.log, Terms(60.0, is_over=True))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.NOT_JUDGED
