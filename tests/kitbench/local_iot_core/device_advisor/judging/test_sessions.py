"""Judges of devices that come back to a session, or to one that is gone."""

from dataclasses import replace

import pytest

from kitbench.local_iot_core.device_advisor.judging.sessions import judge_expired_session, judge_persistent_session
from kitbench.local_iot_core.device_advisor.judging.terms import Judge, Terms
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_5,
    Puback,
    Publish,
    Suback,
    Subscribe,
    SubscriptionRequest,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from tests.kitbench.local_iot_core.device_advisor.wire_script import CONNECT, WireScript

KEPT = replace(CONNECT, clean_start=False)
OVER = Terms(60.0, is_over=True)
SUBSCRIBE = Subscribe(1, (SubscriptionRequest("kit/down", 1),))
WAITED = Publish("kit/down", b"1", qos=1, packet_id=9)


def outcome_of(judge: Judge, script: WireScript, terms: Terms = OVER) -> CaseOutcome | None:
    verdict = judge(script.log, terms)
    return None if verdict is None else verdict.outcome


def subscribed(connect: object = KEPT, *, qos: int = 1) -> WireScript:
    """A device that connected, subscribed, and was hung up on."""
    script = WireScript()
    link = script.connect(0.0, connect=connect)  # type: ignore[arg-type]
    script.note(link, 1.0, Step.RECEIVED, SUBSCRIBE)
    script.note(link, 1.1, Step.SENT, Suback(1, (qos,)))
    script.note(link, 2.0, Step.CUT)
    return script


@pytest.mark.parametrize("judge", [judge_persistent_session, judge_expired_session])
def test_clean_sessions_and_qos_0_are_not_judged_and_staying_away_fails(judge: Judge) -> None:
    assert outcome_of(judge, WireScript()) is CaseOutcome.NOT_JUDGED
    assert outcome_of(judge, subscribed(CONNECT), Terms(3.0)) is CaseOutcome.NOT_JUDGED
    assert outcome_of(judge, subscribed(qos=0), Terms(3.0)) is CaseOutcome.NOT_JUDGED
    assert outcome_of(judge, subscribed(), Terms(3.0)) is None
    assert outcome_of(judge, subscribed()) is CaseOutcome.FAILED


@pytest.mark.parametrize("judge", [judge_persistent_session, judge_expired_session])
def test_a_clean_session_on_return_fails(judge: Judge) -> None:
    script = subscribed()
    script.connect(4.0)
    assert outcome_of(judge, script, Terms(5.0)) is CaseOutcome.FAILED


def test_mqtt_5_keeps_a_session_by_its_expiry() -> None:
    fresh = replace(CONNECT, protocol_level=MQTT_5)
    kept = replace(fresh, properties={Property.SESSION_EXPIRY_INTERVAL: 600})
    assert outcome_of(judge_persistent_session, subscribed(fresh), Terms(3.0)) is CaseOutcome.NOT_JUDGED
    assert outcome_of(judge_persistent_session, subscribed(kept), Terms(3.0)) is None


def test_the_message_that_waited_must_be_acknowledged() -> None:
    script = subscribed()
    link = script.connect(4.0, connect=KEPT)
    script.note(link, 4.3, Step.SENT, WAITED)
    assert outcome_of(judge_persistent_session, script) is CaseOutcome.FAILED
    script.note(link, 4.5, Step.RECEIVED, Puback(8))
    assert outcome_of(judge_persistent_session, script) is CaseOutcome.FAILED
    script.note(link, 4.6, Step.RECEIVED, Puback(9))
    assert outcome_of(judge_persistent_session, script, Terms(5.0)) is None
    assert outcome_of(judge_persistent_session, script, Terms(9.0)) is CaseOutcome.PASSED
    script.note(link, 5.0, Step.RECEIVED, SUBSCRIBE)
    assert outcome_of(judge_persistent_session, script, Terms(9.0)) is CaseOutcome.FAILED


def test_subscribing_to_something_else_on_return_is_no_second_subscription() -> None:
    script = subscribed()
    link = script.connect(4.0, connect=KEPT)
    script.note(link, 4.3, Step.SENT, WAITED)
    script.note(link, 4.4, Step.RECEIVED, Subscribe(2, (SubscriptionRequest("kit/other", 1),)))
    script.note(link, 4.6, Step.RECEIVED, Puback(9))
    assert outcome_of(judge_persistent_session, script, Terms(9.0)) is CaseOutcome.PASSED


@pytest.mark.parametrize("judge", [judge_persistent_session, judge_expired_session])
def test_what_nothing_waits_on_may_come_first(judge: Judge) -> None:
    script = WireScript()
    link = script.connect(0.0, connect=KEPT)
    script.note(link, 1.0, Step.RECEIVED, Subscribe(1, (SubscriptionRequest("kit/delta", 0),)))
    script.note(link, 1.1, Step.SENT, Suback(1, (0,)))
    assert outcome_of(judge, script, Terms(1.2)) is None
    script.note(link, 2.0, Step.CUT)
    assert outcome_of(judge, script, Terms(2.1)) is CaseOutcome.NOT_JUDGED


@pytest.mark.parametrize("judge", [judge_persistent_session, judge_expired_session])
def test_the_topic_of_the_test_must_be_subscribed_to(judge: Judge) -> None:
    verdict = judge(subscribed().log, replace(OVER, trigger="trigger/topic"))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.NOT_JUDGED
    assert "TRIGGER_TOPIC 'trigger/topic'" in verdict.reason
    assert outcome_of(judge, subscribed(), replace(Terms(3.0), trigger="kit/down")) is None


@pytest.mark.parametrize(
    ("requests", "outcome"),
    [
        ((("kit/other", 1),), CaseOutcome.FAILED),
        ((("kit/down", 0),), CaseOutcome.WARNED),
        ((("kit/other", 0), ("kit/down", 1)), CaseOutcome.PASSED),
    ],
    ids=["another topic", "QoS 0", "it and another"],
)
def test_the_new_subscription_is_to_what_was_lost(requests: tuple[tuple[str, int], ...], outcome: CaseOutcome) -> None:
    script = subscribed()
    link = script.connect(4.0, connect=KEPT)
    script.note(link, 5.0, Step.RECEIVED, Subscribe(2, tuple(SubscriptionRequest(*one) for one in requests)))
    assert outcome_of(judge_expired_session, script) is outcome


def test_a_session_that_is_gone_needs_a_new_subscription() -> None:
    script = subscribed()
    link = script.connect(4.0, connect=KEPT)
    assert outcome_of(judge_expired_session, script, Terms(5.0)) is None
    assert outcome_of(judge_expired_session, script) is CaseOutcome.FAILED
    script.note(link, 5.0, Step.RECEIVED, SUBSCRIBE)
    assert outcome_of(judge_expired_session, script, Terms(5.0)) is CaseOutcome.PASSED
