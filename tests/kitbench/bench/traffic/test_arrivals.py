"""Patience and print windows with a clock that a test moves; the way over the wire is shown by `tests/kit`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from kitbench.bench.traffic.arrivals import FIRST_WITHIN_S, NEXT_WITHIN_S, Arrivals
from kitbench.cloud.mqtt.message import Message
from kitbench.cloud.mqtt.observer import NothingCameError
from kitbench.errors import KitError

TOPIC = "class/esp32"


@dataclass
class Bench:
    """A kit that prints and sends by a plan: (second, printed text, sent payload); and the observer of it."""

    plan: list[tuple[float, str, bytes]]
    now: float = 0.0
    others: list[Message] = field(default_factory=list)
    patience: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def check(self) -> None:
        """Find nothing."""

    def log_size(self) -> int:
        return len(self.log_since(0))

    def log_since(self, offset: int) -> str:
        return "".join(text for second, text, _ in self.plan if second <= self.now)[offset:]

    def is_own(self, message: Message) -> bool:
        return message.client_id == "observer"

    def messages(self) -> list[Message]:
        sent = [Message(second, TOPIC, payload, 0) for second, _, payload in self.plan if payload]
        return [message for message in sent if message.time <= self.now] + self.others

    def wait_for(
        self, predicate: Callable[[Message], bool], *, what: str, timeout_s: float, unless: Callable[[], None]
    ) -> Message:
        self.patience.append(timeout_s)
        end = self.now + timeout_s
        while self.now < end:
            self.now += 0.25
            unless()
            if seen := [message for message in self.messages() if predicate(message)]:
                return seen[-1]
        raise NothingCameError(f"{what} did not arrive")

    def arrivals(self, **options: Any) -> Arrivals:
        observer: Any = self
        usual: dict[str, Any] = {"since": 0.0, "longest_wait_s": 60.0, "clock": self.clock}
        return Arrivals(observer, self, topic=TOPIC, **(usual | options))


def every(seconds: float, count: int = 8) -> Bench:
    return Bench([(n * seconds, f"sent {n};", b"sent %d" % n) for n in range(1, count + 1)])


def test_patience_follows_the_kits_pace() -> None:
    bench = every(10.0)

    bench.arrivals().wait_for(3)

    assert bench.patience == [FIRST_WITHIN_S, 40.0, pytest.approx(40.0, abs=2)]


def test_patience_has_the_rubrics_limit() -> None:
    bench = every(20.0)

    with pytest.raises(NothingCameError, match="message number 1 on class/esp32"):
        bench.arrivals(longest_wait_s=10.0).wait_for(2)
    assert bench.patience == [10.0]


def test_patience_with_a_quick_kit_is_not_endless() -> None:
    bench = every(0.5, count=2)

    with pytest.raises(NothingCameError, match="message number 3 on class/esp32 did not arrive; it was refused"):
        bench.arrivals(explain=lambda: "it was refused").wait_for(3)
    assert bench.patience[-1] == NEXT_WITHIN_S


def test_messages_of_others_do_not_count() -> None:
    bench = every(1.0, count=2)
    bench.others = [
        Message(0.5, TOPIC, b"the bench's", 1, "observer"),
        Message(0.5, "elsewhere", b"x", 0),
        Message(0.5, TOPIC, b"kept", 0, retained=True),
        Message(-1.0, TOPIC, b"of the run before", 0),
    ]

    come = bench.arrivals().wait_for(2)

    assert [one.message.payload for one in come] == [b"sent 1", b"sent 2"]


def test_message_that_is_printed_when_it_is_sent() -> None:
    arrivals = every(1.0).arrivals()

    arrivals.require_shown(arrivals.wait_for(6))


def test_messages_that_are_printed_together_and_then_sent() -> None:
    bench = Bench([(5.0, "sent 1;sent 2;sent 3;sent 4;", b"")])
    bench.plan += [(5.0 + n / 10, "", b"sent %d" % n) for n in range(1, 5)]
    arrivals = bench.arrivals()

    arrivals.require_shown(arrivals.wait_for(4))


def test_messages_that_are_printed_long_before_they_are_sent() -> None:
    bench = every(1.0)
    bench.plan = [(0.0, "".join(text for _, text, _ in bench.plan), b"")] + [
        (second + 20, "", payload) for second, _, payload in bench.plan
    ]
    arrivals = bench.arrivals(longest_wait_s=30.0)
    come = arrivals.wait_for(5)

    bench.now += 30
    with pytest.raises(KitError, match="'sent 4' arrived in the cloud, but does not stand"):
        Arrivals.require_shown(_with_clock_that_runs(arrivals, bench), come)


def _with_clock_that_runs(arrivals: Arrivals, bench: Bench) -> Arrivals:
    """Let each look at the clock cost a minute, so that the wait for a line ends."""

    def clock() -> float:
        bench.now += 60
        return bench.now

    arrivals._clock = clock
    return arrivals
