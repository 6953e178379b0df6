"""Judges of what a device does when an acknowledgement does not come."""

from kitbench.local_iot_core.device_advisor.judging.retries import (
    judge_no_ping_response,
    judge_publish_retry,
    judge_subscribe_retry,
)
from kitbench.local_iot_core.device_advisor.judging.terms import Judge, Terms
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_packets import Pingreq, Publish, Subscribe, SubscriptionRequest
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript

FIRST = Publish("kit/up", b"1", qos=1, packet_id=5)
AGAIN = Publish("kit/up", b"1", qos=1, packet_id=5, duplicate=True)
REQUESTS = (SubscriptionRequest("kit/down", 0),)


def outcome_of(judge: Judge, script: WireScript, now_s: float = 10.0, *, over: bool = False) -> CaseOutcome | None:
    verdict = judge(script.log, Terms(now_s, is_over=over))
    return None if verdict is None else verdict.outcome


def published() -> tuple[WireScript, int]:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 1.0, Step.RECEIVED, FIRST)
    return script, link


def test_a_message_that_comes_again_passes() -> None:
    script, link = published()
    assert outcome_of(judge_publish_retry, script) is None
    script.note(link, 2.0, Step.RECEIVED, AGAIN)
    assert outcome_of(judge_publish_retry, script) is CaseOutcome.PASSED


def test_the_dup_flag_is_missed_and_another_packet_is_no_retry() -> None:
    script, link = published()
    script.note(link, 2.0, Step.RECEIVED, Publish("kit/up", b"2", qos=1, packet_id=6))
    assert outcome_of(judge_publish_retry, script, 60, over=True) is CaseOutcome.FAILED
    script.note(link, 3.0, Step.RECEIVED, FIRST)
    assert outcome_of(judge_publish_retry, script) is CaseOutcome.WARNED


def test_a_device_that_hangs_up_instead_fails() -> None:
    script, link = published()
    script.note(link, 2.0, Step.CLOSED)
    assert outcome_of(judge_publish_retry, script) is CaseOutcome.FAILED


def test_a_device_without_qos_1_is_not_judged() -> None:
    script = WireScript()
    script.note(script.connect(0.0), 1.0, Step.RECEIVED, Publish("kit/up", b"1"))
    assert outcome_of(judge_publish_retry, script, 60, over=True) is CaseOutcome.NOT_JUDGED


def test_a_subscription_has_to_come_again_with_its_packet_identifier() -> None:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 1.0, Step.RECEIVED, Subscribe(3, REQUESTS))
    script.note(link, 2.0, Step.RECEIVED, Subscribe(4, REQUESTS))
    assert outcome_of(judge_subscribe_retry, script, 60, over=True) is CaseOutcome.FAILED
    script.note(link, 3.0, Step.RECEIVED, Subscribe(3, REQUESTS))
    assert outcome_of(judge_subscribe_retry, script) is CaseOutcome.PASSED


def test_a_device_that_leaves_a_dead_connection_passes_and_one_that_stays_fails() -> None:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 5.0, Step.RECEIVED, Pingreq())
    assert outcome_of(judge_no_ping_response, script, 25.0) is None
    assert outcome_of(judge_no_ping_response, script, 46.0) is CaseOutcome.FAILED
    script.note(link, 16.0, Step.CLOSED)
    assert outcome_of(judge_no_ping_response, script, 26.0) is CaseOutcome.PASSED


def test_a_device_that_never_pings_fails() -> None:
    script = WireScript()
    script.connect(0.0)
    assert outcome_of(judge_no_ping_response, script, 100, over=True) is CaseOutcome.FAILED
