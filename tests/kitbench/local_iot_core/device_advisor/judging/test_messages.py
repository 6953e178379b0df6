"""Judges of CONNECT, SUBSCRIBE, PUBLISH and PUBACK."""

from dataclasses import replace

from kitbench.local_iot_core.device_advisor.judging.messages import (
    judge_connect,
    judge_puback,
    judge_publish,
    judge_retained,
    judge_subscribe,
)
from kitbench.local_iot_core.device_advisor.judging.terms import Judge, Terms
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_packets import Puback, Publish, Suback, Subscribe, SubscriptionRequest
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript

TERMS = Terms(10.0)
OVER = Terms(60.0, is_over=True)


def outcome_of(judge: Judge, script: WireScript, terms: Terms = TERMS) -> CaseOutcome | None:
    verdict = judge(script.log, terms)
    return None if verdict is None else verdict.outcome


def subscribed(qos: int = 1, *, code: int | None = None) -> tuple[WireScript, int]:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 1.0, Step.RECEIVED, Subscribe(1, (SubscriptionRequest("kit/down", qos),)))
    script.note(link, 1.1, Step.SENT, Suback(1, (qos if code is None else code,)))
    return script, link


def test_connect_passes_when_accepted_and_warns_when_refused() -> None:
    script = WireScript()
    script.connect(0.0)
    assert outcome_of(judge_connect, script) is CaseOutcome.PASSED

    script = WireScript()
    link = script.connect(0.0, answered=False)
    assert outcome_of(judge_connect, script) is None
    script.note(link, 0.5, Step.CUT, detail="iot:Connect is not allowed")
    verdict = judge_connect(script.log, TERMS)
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.WARNED
    assert "iot:Connect is not allowed" in verdict.reason


def test_no_connect_after_tls_fails_and_without_tls_is_not_judged() -> None:
    script = WireScript()
    script.note(script.open(0.0), 0.3, Step.SECURED)
    assert outcome_of(judge_connect, script, OVER) is CaseOutcome.FAILED

    script = WireScript()
    script.refuse(0.0, "TLS failed")
    assert outcome_of(judge_connect, script, OVER) is CaseOutcome.NOT_JUDGED


def test_a_granted_subscription_passes_to_the_topic_asked_for() -> None:
    script, _ = subscribed()
    assert outcome_of(judge_subscribe, script) is CaseOutcome.PASSED
    assert outcome_of(judge_subscribe, script, replace(OVER, topics=("kit/down",))) is CaseOutcome.PASSED
    assert outcome_of(judge_subscribe, script, replace(OVER, topics=("kit/other",))) is CaseOutcome.FAILED


def test_a_refused_subscription_fails_at_once() -> None:
    script, _ = subscribed(code=0x80)
    assert outcome_of(judge_subscribe, script) is CaseOutcome.FAILED


def test_a_device_that_subscribes_or_publishes_nothing_fails_in_the_end() -> None:
    script = WireScript()
    script.connect(0.0)
    for judge in (judge_subscribe, judge_publish):
        assert outcome_of(judge, script) is None
        assert outcome_of(judge, script, OVER) is CaseOutcome.FAILED


def test_a_message_with_qos_0_passes_where_it_is_what_was_asked_for() -> None:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 1.0, Step.RECEIVED, Publish("kit/up", b"21"))
    assert outcome_of(judge_publish, script) is CaseOutcome.PASSED
    assert outcome_of(judge_publish, script, replace(OVER, topic="kit/up", payload=b"21")) is CaseOutcome.PASSED
    assert outcome_of(judge_publish, script, replace(OVER, topic="kit/else")) is CaseOutcome.FAILED
    assert outcome_of(judge_publish, script, replace(OVER, payload=b"22")) is CaseOutcome.FAILED


def test_qos_1_alone_and_a_message_that_the_policy_forbids_fail() -> None:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 1.0, Step.RECEIVED, Publish("kit/up", b"21", qos=1, packet_id=1))
    assert outcome_of(judge_publish, script, OVER) is CaseOutcome.FAILED

    script.note(link, 2.0, Step.RECEIVED, Publish("kit/up", b"21"))
    script.note(link, 2.0, Step.CUT, detail="iot:Publish is not allowed")
    assert outcome_of(judge_publish, script) is CaseOutcome.FAILED


def test_puback_is_looked_for_by_its_packet_identifier() -> None:
    script, link = subscribed()
    script.note(link, 2.0, Step.SENT, Publish("kit/down", b"", qos=1, packet_id=7))
    script.note(link, 2.1, Step.RECEIVED, Puback(8))
    assert outcome_of(judge_puback, script) is None
    assert outcome_of(judge_puback, script, OVER) is CaseOutcome.FAILED
    script.note(link, 2.2, Step.RECEIVED, Puback(7))
    assert outcome_of(judge_puback, script) is CaseOutcome.PASSED


def test_without_a_subscription_of_qos_1_nothing_is_judged() -> None:
    script, _ = subscribed(qos=0)
    assert outcome_of(judge_puback, script, OVER) is CaseOutcome.NOT_JUDGED


def test_an_echo_of_the_devices_own_message_is_not_the_one_that_was_sent_to_it() -> None:
    terms = Terms(60.0, is_over=True, delivered=frozenset({b"from the test"}))
    script = WireScript()
    link = script.connect(0.0)
    for packet_id, payload in enumerate((b"echo", b"from the test"), start=1):
        script.note(link, packet_id, Step.SENT, Publish("kit/x", payload, qos=1, packet_id=packet_id))
    script.note(link, 3.0, Step.RECEIVED, Puback(1))
    assert outcome(judge_puback, script, terms) is CaseOutcome.FAILED
    script.note(link, 3.0, Step.RECEIVED, Puback(2))
    assert outcome(judge_puback, script, terms) is CaseOutcome.PASSED


def test_a_retained_message_counts_when_it_has_a_payload_and_was_not_refused() -> None:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 1.0, Step.RECEIVED, Publish("kit/up", b"1"))
    over = Terms(60.0, is_over=True)
    assert judge_retained(script.log, Terms(2.0)) is None
    assert outcome(judge_retained, script, over) is CaseOutcome.NOT_JUDGED
    script.note(link, 2.0, Step.RECEIVED, Publish("kit/up", b"", retain=True))
    assert outcome(judge_retained, script, over) is CaseOutcome.FAILED
    script.note(link, 3.0, Step.RECEIVED, Publish("kit/up", b"here", retain=True))
    assert outcome(judge_retained, script, replace(over, topic="kit/other")) is CaseOutcome.NOT_JUDGED
    assert outcome(judge_retained, script, Terms(3.0)) is CaseOutcome.PASSED
    script.note(link, 3.1, Step.CUT, detail="no policy allows iot:RetainPublish")
    assert outcome(judge_retained, script, over) is CaseOutcome.FAILED


def outcome(judge: Judge, script: WireScript, terms: Terms) -> CaseOutcome:
    verdict = judge(script.log, terms)
    assert verdict is not None
    return verdict.outcome
