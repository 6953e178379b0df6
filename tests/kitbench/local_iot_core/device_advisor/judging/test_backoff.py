"""Judges of reconnection, on waits written by hand and on those of seeded random devices."""

import random
from functools import partial

import pytest

from kitbench.local_iot_core.device_advisor.judging.backoff import (
    Pattern,
    judge_connect_exponential,
    judge_connect_jitter,
    judge_one_second,
    judge_reconnections,
    pattern_of,
    waits_between,
)
from kitbench.local_iot_core.device_advisor.judging.terms import Terms
from kitbench.local_iot_core.device_advisor.verdict import CaseOutcome, Verdict
from kitbench.local_iot_core.device_advisor.wire_event import Step
from tests.kitbench.local_iot_core.device_advisor.wire_script import WireScript

DOUBLING = [1.0, 2.0, 4.0, 8.0, 16.0]


def jitter_verdict(first: list[float], second: list[float]) -> Verdict | None:
    script = WireScript()
    end = script.attempts(0.0, first)
    script.attempts(end + 1.0, second)
    return judge_connect_jitter(script.log, Terms(300.0))


@pytest.mark.parametrize(
    ("first", "second", "outcome", "word"),
    [
        ([0.7, 1.9, 2.2, 6.5, 9.0], [0.9, 1.2, 3.9, 4.4, 15.0], CaseOutcome.PASSED, "growing, with jitter"),
        (DOUBLING, DOUBLING, CaseOutcome.WARNED, "exponential, without jitter"),
        ([10.0] * 5, [10.0] * 5, CaseOutcome.FAILED, "constant"),
        ([1.0, 2.0, 3.0, 4.0, 5.0], [1.0, 2.0, 3.0, 4.0, 5.0], CaseOutcome.FAILED, "linear"),
        ([0.0] * 5, [0.01] * 5, CaseOutcome.FAILED, "at once"),
        ([1.1, 1.1, 1.0, 1.0, 1.1], [2.0, 4.1, 8.0, 16.0, 32.0], CaseOutcome.FAILED, "constant"),
        (
            [3.1, 6.1, 12.1, 24.1, 48.1],
            [6.1, 12.1, 24.1, 48.1, 60.1],
            CaseOutcome.WARNED,
            "exponential, without jitter",
        ),
        ([16.0, 32.0, 60.0, 60.0, 60.0], [60.0] * 5, CaseOutcome.WARNED, "exponential, without jitter"),
        ([2.9, 1.1, 1.9, 2.5, 1.4], [1.3, 2.2, 1.0, 2.8, 1.7], CaseOutcome.FAILED, "constant"),
    ],
    ids=[
        "jitter",
        "doubling",
        "constant",
        "linear",
        "at once",
        "constant until it was connected once",
        "doubling on and on",
        "at its longest wait",
        "random without growth",
    ],
)
def test_each_way_of_waiting_has_its_verdict(
    first: list[float], second: list[float], outcome: CaseOutcome, word: str
) -> None:
    verdict = jitter_verdict(first, second)

    assert verdict is not None
    assert verdict.outcome is outcome
    assert f"waits {word}" in verdict.reason


@pytest.mark.parametrize("count", [1, 2])
def test_no_device_of_a_thousand_with_jitter_is_taken_for_one_that_waits_alike(count: int) -> None:
    source = random.Random(17)
    patterns = []
    for number in range(1000):
        share = source.random if number % 2 else partial(source.uniform, 0.5, 1.0)
        rounds = [[share() * wait for wait in DOUBLING] for _ in range(count)]
        patterns.append(pattern_of(rounds, noise_s=0.05))
    assert patterns.count(Pattern.JITTERED) >= (930 if count == 1 else 985)
    assert patterns.count(Pattern.CONSTANT) + patterns.count(Pattern.LINEAR) <= 10 // count


def test_a_thousand_constant_devices_with_noise_fail() -> None:
    source = random.Random(18)
    patterns = []
    for _ in range(1000):
        period = source.uniform(0.5, 30)
        rounds = [[period * source.uniform(0.7, 1.3) for _ in range(5)] for _ in range(2)]
        patterns.append(pattern_of(rounds, noise_s=0.05))
    assert set(patterns) == {Pattern.CONSTANT}


def test_exponential_backoff_needs_growth_and_no_jitter() -> None:
    script = WireScript()
    script.attempts(0.0, DOUBLING)
    verdict = judge_connect_exponential(script.log, Terms(300.0))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.PASSED


@pytest.mark.parametrize(
    ("waits", "outcome"),
    [
        ([1.4, 1.8, 5.0, 6.1, 13.0], CaseOutcome.PASSED),
        (DOUBLING, CaseOutcome.WARNED),
        ([1.0, 2.0, 4.0, 5.0, 5.0], CaseOutcome.WARNED),
        ([5.0] * 5, CaseOutcome.FAILED),
        ([1.0, 2.0, 3.0, 4.0, 5.0], CaseOutcome.FAILED),
    ],
    ids=["jitter", "doubling", "doubling to a maximum", "constant", "linear"],
)
def test_reconnections_after_the_endpoint_hung_up(waits: list[float], outcome: CaseOutcome) -> None:
    script = WireScript()
    script.attempts(0.0, waits, patience_s=1.0)
    verdict = judge_reconnections(script.log, Terms(300.0))
    assert verdict is not None
    assert verdict.outcome is outcome


def test_time_for_connack_is_no_part_of_a_wait() -> None:
    script = WireScript()
    script.attempts(0.0, [1.0, 2.0], patience_s=10.0)
    assert waits_between(script.log.attempts) == pytest.approx([1.0, 2.0])


def test_new_connection_beside_an_old_one_counts_from_opening_to_opening() -> None:
    script = WireScript()
    script.connect(0.0, answered=False)
    script.connect(3.0, answered=False)
    assert waits_between(script.log.attempts) == [3.0]


@pytest.mark.parametrize(("wait", "outcome"), [(0.4, CaseOutcome.FAILED), (1.3, CaseOutcome.PASSED)])
def test_a_second_is_the_least(wait: float, outcome: CaseOutcome) -> None:
    script = WireScript()
    script.note(script.connect(0.0), 0.3, Step.CUT)
    script.connect(0.3 + wait)
    verdict = judge_one_second(script.log, Terms(2.0))
    assert verdict is not None
    assert verdict.outcome is outcome


def test_nothing_is_said_before_the_last_connect() -> None:
    script = WireScript()
    script.attempts(0.0, DOUBLING)
    assert judge_connect_jitter(script.log, Terms(100.0)) is None


def test_a_device_that_gives_up_fails_and_one_that_was_cut_short_is_not_judged() -> None:
    script = WireScript()
    end = script.attempts(0.0, [1.0, 2.0])
    gave_up = judge_connect_jitter(script.log, Terms(end + 100, is_over=True))
    too_early = judge_connect_jitter(script.log, Terms(end + 3, is_over=True))
    assert gave_up is not None
    assert too_early is not None
    assert (gave_up.outcome, too_early.outcome) == (CaseOutcome.FAILED, CaseOutcome.NOT_JUDGED)


def test_a_device_that_waits_for_connack_for_ever_fails() -> None:
    script = WireScript()
    script.connect(0.0, answered=False)
    verdict = judge_connect_jitter(script.log, Terms(300.0, is_over=True))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.FAILED
    assert "waited 300 s for an answer" in verdict.reason


def test_a_device_that_never_came_is_not_judged() -> None:
    verdict = judge_connect_jitter(WireScript().log, Terms(300.0, is_over=True))
    assert verdict is not None
    assert verdict.outcome is CaseOutcome.NOT_JUDGED


def hung_up_on_at_once(wait_s: float, *, after: int = 0) -> WireScript:
    """A device that is hung up on after CONNACK and comes back, after so many handshakes that failed."""
    script = WireScript()
    for number in range(after):
        script.refuse(float(number), "TLS failed")
    link = script.connect(10.0)
    script.note(link, 10.3, Step.CUT)
    script.connect(10.3 + wait_s)
    return script


@pytest.mark.parametrize("after", [0, 2])
def test_a_second_is_waited_after_a_good_connection(after: int) -> None:
    for wait_s, outcome in ((0.3, CaseOutcome.FAILED), (1.2, CaseOutcome.PASSED), (5.0, CaseOutcome.PASSED)):
        verdict = judge_one_second(hung_up_on_at_once(wait_s, after=after).log, Terms(60.0))
        assert verdict is not None
        assert verdict.outcome is outcome
