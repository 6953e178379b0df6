"""Judges of what a device does when an acknowledgement does not come."""

from dataclasses import replace

import pytest

from kitbench.local_iot_core.device_advisor.judging.retries import (
    judge_no_ping_response,
    judge_publish_retry,
    judge_subscribe_retry,
)
from kitbench.local_iot_core.device_advisor.judging.terms import Judge, Terms
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_packets import Disconnect, Pingreq, Publish, Subscribe, SubscriptionRequest
from tests.kitbench.local_iot_core.device_advisor.wire_script import CONNECT, WireScript

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


@pytest.mark.parametrize(
    ("other", "words"),
    [
        (Publish("kit/up", b"2", qos=1, packet_id=5), "packet identifier 5 was used for another one"),
        (Publish("kit/up", b"1", qos=1, packet_id=6), "packet identifier 6 in place of 5"),
        (Publish("kit/up", b"1"), "did not come again"),
    ],
    ids=["one identifier for all", "a new identifier", "QoS 0"],
)
def test_what_comes_instead_is_no_retry_and_is_told(other: Publish, words: str) -> None:
    script, link = published()
    script.note(link, 2.0, Step.RECEIVED, other)
    verdict = judge_publish_retry(script.log, Terms(60.0, is_over=True))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.FAILED
    assert words in verdict.reason


def test_only_the_topic_and_payload_that_were_asked_for_count() -> None:
    script, link = published()
    script.note(link, 2.0, Step.RECEIVED, AGAIN)
    for wanted in (Terms(60.0, is_over=True, topic="kit/other"), Terms(60.0, is_over=True, payload=b"2")):
        verdict = judge_publish_retry(script.log, wanted)
        assert verdict is not None
        assert verdict.outcome is CaseOutcome.FAILED
    assert judge_publish_retry(script.log, Terms(5.0, topic="kit/up", payload=b"1")) is not None

    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 1.0, Step.RECEIVED, Subscribe(3, REQUESTS))
    script.note(link, 2.0, Step.RECEIVED, Subscribe(3, REQUESTS))
    verdict = judge_subscribe_retry(script.log, Terms(60.0, is_over=True, topics=("kit/other",)))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.FAILED


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


def test_a_device_that_never_pings_fails_once_it_should_have_given_up() -> None:
    script = WireScript()
    script.connect(0.0)
    assert outcome_of(judge_no_ping_response, script, 30, over=True) is CaseOutcome.NOT_JUDGED
    assert outcome_of(judge_no_ping_response, script, 100, over=True) is CaseOutcome.FAILED

    script = WireScript()
    script.connect(0.0, connect=replace(CONNECT, keep_alive_s=65535))
    assert outcome_of(judge_no_ping_response, script, 30, over=True) is CaseOutcome.FAILED


def test_a_device_that_leaves_by_itself_shows_nothing() -> None:
    script = WireScript()
    link = script.connect(0.0)
    script.note(link, 2.0, Step.RECEIVED, Disconnect())
    script.note(link, 2.0, Step.CLOSED)
    assert outcome_of(judge_no_ping_response, script, 100, over=True) is CaseOutcome.NOT_JUDGED
