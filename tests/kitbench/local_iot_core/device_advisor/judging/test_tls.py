"""Judges of handshakes and of refusals."""

import pytest

from kitbench.local_iot_core.device_advisor.behaviour import ServerCertificate
from kitbench.local_iot_core.device_advisor.judging.terms import Judge, Terms
from kitbench.local_iot_core.device_advisor.judging.tls import judge_cipher_suites, judge_handshake, judge_refusal
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome
from kitbench.local_iot_core.device_advisor.wire_event import Step
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript

ALERT = "TLS failed: TLSV1_ALERT_UNKNOWN_CA"
HANDSHAKE = judge_handshake("the TLS handshake", "fix it")
REFUSAL = judge_refusal(ServerCertificate.UNKNOWN_CA, "fix it")
EXPIRED = judge_refusal(ServerCertificate.EXPIRED, "fix it")


def outcome_of(judge: Judge, script: WireScript, *, over: bool = False) -> CaseOutcome | None:
    verdict = judge(script.log, Terms(60.0, is_over=over))
    return None if verdict is None else verdict.outcome


def test_a_completed_handshake_passes_and_one_after_failures_warns() -> None:
    script = WireScript()
    script.connect(0.0)
    assert outcome_of(HANDSHAKE, script) is CaseOutcome.PASSED

    script = WireScript()
    script.refuse(0.0, ALERT)
    assert outcome_of(HANDSHAKE, script) is None
    script.connect(1.0)
    assert outcome_of(HANDSHAKE, script) is CaseOutcome.WARNED


def test_handshakes_that_fail_again_and_again_fail_with_the_reason() -> None:
    script = WireScript()
    for moment in range(3):
        script.refuse(moment, ALERT)
    verdict = HANDSHAKE(script.log, Terms(3.0))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.FAILED
    assert ALERT in verdict.reason


def test_nobody_who_came_is_not_judged() -> None:
    for judge in (HANDSHAKE, REFUSAL, judge_cipher_suites):
        assert outcome_of(judge, WireScript()) is None
        assert outcome_of(judge, WireScript(), over=True) is CaseOutcome.NOT_JUDGED


@pytest.mark.parametrize(
    ("suites", "outcome"),
    [
        ((0x1301, 0xC02B, 0x00FF), CaseOutcome.PASSED),
        ((0xC02F, 0xCCA8), CaseOutcome.WARNED),
        ((0x003C, 0x002F), CaseOutcome.WARNED),
        ((0xC0AC, 0x009E), CaseOutcome.FAILED),
    ],
    ids=["recommended", "and a foreign one", "without forward secrecy", "foreign alone"],
)
def test_cipher_suites_are_compared_with_those_of_aws(suites: tuple[int, ...], outcome: CaseOutcome) -> None:
    script = WireScript()
    link = script.open(0.0, suites=suites)
    script.note(link, 0.2, Step.SECURED)
    assert outcome_of(judge_cipher_suites, script) is outcome


def test_suites_that_are_offered_must_do_for_a_handshake() -> None:
    script = WireScript()
    script.refuse(0.0, ALERT)
    assert outcome_of(judge_cipher_suites, script) is None
    assert outcome_of(judge_cipher_suites, script, over=True) is CaseOutcome.FAILED
    script.connect(1.0)
    assert outcome_of(judge_cipher_suites, script) is CaseOutcome.PASSED


def test_refusal_needs_the_control_to_pass() -> None:
    script = WireScript()
    script.refuse(0.0, ALERT)
    assert outcome_of(REFUSAL, script) is None
    assert outcome_of(REFUSAL, script, over=True) is CaseOutcome.NOT_JUDGED
    script.connect(1.0)
    assert outcome_of(REFUSAL, script) is CaseOutcome.PASSED


def test_data_to_a_bad_endpoint_fails() -> None:
    script = WireScript()
    script.connect(0.0)
    assert outcome_of(REFUSAL, script) is CaseOutcome.FAILED


def test_a_device_that_stays_without_a_word_fails_in_the_end() -> None:
    script = WireScript()
    link = script.open(0.0)
    script.note(link, 0.3, Step.SECURED)
    assert outcome_of(REFUSAL, script) is None
    assert outcome_of(REFUSAL, script, over=True) is CaseOutcome.FAILED


def test_completing_tls_with_a_bad_certificate_fails_though_nothing_was_sent() -> None:
    script = WireScript()
    link = script.open(0.0)
    script.note(link, 0.3, Step.SECURED)
    script.note(link, 0.4, Step.CLOSED)
    assert outcome_of(REFUSAL, script) is CaseOutcome.FAILED


def test_an_expired_certificate_wants_an_alert() -> None:
    script = WireScript()
    script.refuse(0.0, "the client hung up during the TLS handshake or before it said anything")
    script.connect(1.0)
    assert outcome_of(EXPIRED, script) is CaseOutcome.WARNED
    assert outcome_of(REFUSAL, script) is CaseOutcome.PASSED
