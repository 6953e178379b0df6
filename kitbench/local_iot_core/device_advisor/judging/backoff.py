"""Judges of reconnection: do the waits grow, and do they differ from device to device?

A wait is the time from the end of a connection to the opening of the next one; where the device opens a new connection
while the old one stands, the time between the openings. So the time that the device waits for a CONNACK, which is the
same each time, hides no back-off.
"""

from collections.abc import Sequence
from enum import StrEnum
from itertools import pairwise
from typing import Final

from kitbench.local_iot_core.device_advisor.judging.terms import Terms, nothing_to_judge
from kitbench.local_iot_core.device_advisor.verdict import Verdict, failed, not_judged, passed, warned
from kitbench.local_iot_core.device_advisor.wire_log import Link, WireLog

#: CONNECTs of a round of MQTT_Connect_Jitter_Backoff_Retries; the last one gets its CONNACK.
ROUND: Final = 6
ROUNDS: Final = 2
#: The last two waits together are so many times the first two, or the waits do not grow.
_GROWTH: Final = 1.8
#: Full jitter may hide the growth in so few waits; then the longest is more than so many times the shortest.
_WIDE: Final = 4.0
#: The same over one round, which shows less: one in eight of decorrelated jitter looks constant even so.
_WIDE_ALONE: Final = 2.5
#: Waits that differ by less are alike.
_ALIKE: Final = 0.08
#: A device that waits a shorter time does not wait, in seconds.
_AT_ONCE_S: Final = 0.1
_ONE_SECOND: Final = 1.0
_MEND: Final = "double the wait after each failure up to a maximum, and take a random part of it"


class Pattern(StrEnum):
    """How a device waits."""

    AT_ONCE = "at once"
    CONSTANT = "constant"
    LINEAR = "linear"
    RANDOM = "random, and do not show that they grow"
    EXPONENTIAL = "exponential, without jitter"
    JITTERED = "growing, with jitter"


def pattern_of(rounds: Sequence[Sequence[float]], noise_s: float) -> Pattern:
    """Return the pattern of waits in seconds, of one round or several that began afresh.

    Full jitter makes single waits small: so growth is looked for in sums over all rounds. Rounds may go on where the
    last one ended, and a device may wait otherwise once it was connected: one round of like waits is enough to fail
    unless it goes on at the longest wait, and rounds that double are fixed though they differ.
    """
    rounds = [waits for number, waits in enumerate(rounds) if not _is_at_the_top(rounds, number, noise_s)]
    early = sum(sum(waits[:2]) for waits in rounds)
    late = sum(sum(waits[-2:]) for waits in rounds)
    if max(max(waits) for waits in rounds) < _AT_ONCE_S + noise_s:
        return Pattern.AT_ONCE
    if any(_is_constant(waits, noise_s) for waits in rounds):
        return Pattern.CONSTANT
    if late < _GROWTH * early:
        shortest, longest = min(map(min, rounds)), max(map(max, rounds))
        wide = _WIDE if len(rounds) > 1 else _WIDE_ALONE
        return Pattern.RANDOM if longest > wide * shortest + 2 * noise_s else Pattern.CONSTANT
    if all(_is_linear(waits, noise_s) for waits in rounds):
        return Pattern.LINEAR
    # A round need not begin at the shortest wait again: then the rounds differ, and each doubles all the same.
    is_fixed = all(_is_doubling(waits, noise_s) for waits in rounds)
    is_fixed = is_fixed or (len(rounds) > 1 and _are_alike(rounds, noise_s))
    return Pattern.EXPONENTIAL if is_fixed else Pattern.JITTERED


def _is_at_the_top(rounds: Sequence[Sequence[float]], number: int, noise_s: float) -> bool:
    """Say whether a round goes on at the longest wait of the one before: it shows nothing more."""
    waits = rounds[number]
    return number > 0 and _is_constant(waits, noise_s) and min(waits) >= (1 - _ALIKE) * max(rounds[number - 1])


def _is_constant(waits: Sequence[float], noise_s: float) -> bool:
    return max(waits) - min(waits) <= _ALIKE * max(waits) + 2 * noise_s


def _is_linear(waits: Sequence[float], noise_s: float) -> bool:
    """Say whether each wait is longer than the one before by the same time."""
    steps = [later - earlier for earlier, later in pairwise(waits)]
    mean = sum(steps) / len(steps)
    return mean > 0 and all(abs(step - mean) <= 0.1 * mean + noise_s for step in steps)


def _are_alike(rounds: Sequence[Sequence[float]], noise_s: float) -> bool:
    return all(max(waits) - min(waits) <= _ALIKE * max(waits) + 2 * noise_s for waits in zip(*rounds, strict=False))


def _is_doubling(waits: Sequence[float], noise_s: float) -> bool:
    """Say whether the waits grow by one factor, until a maximum."""
    if waits[0] <= 0:
        return False
    factor, top = waits[1] / waits[0], max(waits)
    expected = [min(factor * wait, top) for wait in waits[:-1]]
    return all(
        abs(later - wait) <= _ALIKE * later + 3 * noise_s for later, wait in zip(waits[1:], expected, strict=True)
    )


def waits_between(links: Sequence[Link]) -> list[float]:
    """Return the waits between connections, in seconds."""
    return [_wait(earlier, later) for earlier, later in pairwise(links)]


def _wait(earlier: Link, later: Link) -> float:
    if earlier.ended_s is not None and earlier.ended_s <= later.opened_s:
        return later.opened_s - earlier.ended_s
    return later.opened_s - earlier.opened_s


def _shown(waits: Sequence[float]) -> str:
    return ", ".join(f"{wait:.1f}" for wait in waits) + " s"


def judge_connect_jitter(log: WireLog, terms: Terms) -> Verdict | None:
    """Judge two rounds of six CONNECTs, of which each sixth one gets its CONNACK."""
    wanted = ROUND * ROUNDS
    if len(log.attempts) >= wanted:
        rounds = [waits_between(log.attempts[start : start + ROUND]) for start in range(0, wanted, ROUND)]
        return _verdict(rounds, terms, warns_exponential=True)
    return _too_few(log, terms, wanted)


def judge_connect_exponential(log: WireLog, terms: Terms) -> Verdict | None:
    """Judge five waits between CONNECTs that got no CONNACK: they must grow."""
    if len(log.attempts) >= ROUND:
        return _verdict([waits_between(log.attempts[:ROUND])], terms, warns_exponential=False)
    return _too_few(log, terms, ROUND)


def judge_reconnections(log: WireLog, terms: Terms) -> Verdict | None:
    """Judge the waits after the endpoint hung up, as many as `terms.attempts`."""
    wanted = terms.attempts + 1
    if len(log.attempts) >= wanted:
        return _verdict([waits_between(log.attempts[:wanted])], terms, warns_exponential=True)
    return _too_few(log, terms, wanted)


def judge_one_second(log: WireLog, terms: Terms) -> Verdict | None:
    """Judge the wait after a connection that was made and ended at once: a second at least."""
    made = next((number for number, link in enumerate(log.links) if link.connected_s is not None), len(log.links))
    if made + 1 >= len(log.links):
        return _too_few(log, terms, 2)
    wait = waits_between(log.links[made : made + 2])[0]
    if wait >= _ONE_SECOND - terms.noise_s:
        return passed(f"the device waited {wait:.1f} s before it connected again")
    return failed(f"the device connected again after {wait:.2f} s", "wait a second at least before the first attempt")


def _verdict(rounds: list[list[float]], terms: Terms, *, warns_exponential: bool) -> Verdict:
    pattern = pattern_of(rounds, terms.noise_s)
    reason = f"waits {pattern}: {'; '.join(_shown(waits) for waits in rounds)}"
    match pattern:
        case Pattern.JITTERED:
            return passed(reason)
        case Pattern.RANDOM:
            return warned(reason, _MEND)
        case Pattern.EXPONENTIAL if not warns_exponential:
            return passed(reason)
        case Pattern.EXPONENTIAL:
            return warned(reason, "take a random part of each wait, so that devices do not come back all at once")
        case _:
            return failed(reason, _MEND)


def _too_few(log: WireLog, terms: Terms, wanted: int) -> Verdict | None:
    """Return a verdict on a device that connected less often than the test asks for."""
    if not terms.is_over:
        return None
    if (verdict := nothing_to_judge(log)) is not None:
        return verdict
    attempts = log.attempts
    last = attempts[-1]
    silent_s = terms.now_s - (last.ended_s if last.ended_s is not None else last.opened_s)
    longest = max(waits_between(attempts), default=0.0)
    if last.ended_s is None:
        return failed(
            f"{len(attempts)} of {wanted} CONNECTs came; then the device waited {silent_s:.0f} s for an answer",
            "give up waiting for CONNACK after some seconds, and connect again",
        )
    if silent_s > 4 * longest + _ONE_SECOND:
        return failed(
            f"{len(attempts)} of {wanted} CONNECTs came, and none in the last {silent_s:.0f} s: the device gave up",
            _MEND,
        )
    return not_judged(
        f"{len(attempts)} of {wanted} CONNECTs came before the time was over", "set EXECUTION_TIMEOUT higher"
    )
