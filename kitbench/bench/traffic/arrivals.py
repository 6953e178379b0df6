"""The messages of a running kit as they arrive in the cloud, with what the serial line showed about that time.

Patience follows the kit's pace: a kit that sends every ten seconds, or a slow emulator, is waited for as long as its
longest gap so far suggests, within what the rubric allows.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import Final, Protocol

from kitbench.bench.traffic.shown_payload import is_shown
from kitbench.cloud.mqtt.message import Message
from kitbench.cloud.mqtt.observer import NothingCameError, Observer
from kitbench.errors import KitError

#: How long the first message, and one after a gap, is waited for at least, in seconds; and how many gaps long.
FIRST_WITHIN_S: Final = 30.0
NEXT_WITHIN_S: Final = 15.0
GAPS: Final = 4.0
#: A message is printed at most so long before it arrives, in seconds, or after the third message before it has come,
#: whichever is earlier: firmware may print a few and then send them.
PRINTED_BEFORE_S: Final = 3.0
PRINTED_AHEAD: Final = 3
#: How often the serial line is looked at, in seconds.
_LOOK_EVERY_S: Final = 0.25


class SerialLine(Protocol):
    """A kit's serial line, as a `RunningKit` has it."""

    def check(self) -> None:
        """Raise where waiting has become pointless."""

    def log_size(self) -> int:
        """Return how many bytes have been printed."""

    def log_since(self, offset: int) -> str:
        """Return what was printed after the first `offset` bytes."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that arrived; it must have been printed after the first `printed_after` bytes of the serial log."""

    message: Message
    printed_after: int


class Arrivals:
    """Waits for one kit's messages, and for their lines.

    Args:
        observer: the bench's eye in the cloud.
        kit: its serial line.
        topic: on which the kit's messages come; nobody else may publish there.
        since: seconds since 1970; what came earlier is of an earlier run.
        longest_wait_s: for one message.
        first_within_s: how long the first message is waited for, unless the kit took long to connect.
        explain: says why nothing may have come, in words that go after the error's; "" where nobody knows.
    """

    def __init__(  # noqa: PLR0913 - by keyword
        self,
        observer: Observer,
        kit: SerialLine,
        *,
        topic: str,
        since: float,
        longest_wait_s: float,
        first_within_s: float = FIRST_WITHIN_S,
        explain: Callable[[], str] = lambda: "",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._observer = observer
        self._kit = kit
        self._topic = topic
        self._since = since
        self._longest_wait_s = longest_wait_s
        self._first_within_s = first_within_s
        self._explain = explain
        self._clock = clock
        self._log_sizes = [(clock(), kit.log_size())]

    @property
    def longest_gap_s(self) -> float:
        """The longest time between two messages so far, or before the first one."""
        times = [self._since, *(message.time for message in self.messages())]
        return max((later - earlier for earlier, later in pairwise(times)), default=0.0)

    @property
    def patience_s(self) -> float:
        """How long the next message is waited for."""
        least = NEXT_WITHIN_S if self.messages() else self._first_within_s
        return min(self._longest_wait_s, max(least, GAPS * self.longest_gap_s))

    def wait_for(self, count: int) -> list[Arrival]:
        """Return the first `count` messages.

        Raises:
            NothingCameError: one of them did not come in time.
            KitCrashedError, BenchError, CloudError: it could not come.
        """
        while (number := len(self.messages()) + 1) <= count:
            self._wait_for_number(number)
        return [self._arrival(index) for index in range(count)]

    def require_shown(self, arrivals: list[Arrival]) -> None:
        """Wait until each of the messages stands on the serial line.

        Raises:
            KitError: one does not.
        """
        end = self._clock() + self.patience_s
        while missing := [one for one in arrivals if not is_shown(one.message.payload, self._printed(one))]:
            if self._clock() >= end:
                text = missing[0].message.text[:60]
                where = "does not stand on the serial line, neither when it was sent nor when it came back"
                raise KitError(f"the message {text!r} arrived in the cloud, but {where}", stage="run")
            self._kit.check()
            time.sleep(_LOOK_EVERY_S)

    def messages(self) -> list[Message]:
        """Return the kit's messages so far: those on its topic that neither the bench nor an earlier run published."""
        return [
            message
            for message in self._observer.messages()
            if message.topic == self._topic
            and message.time >= self._since
            and not message.retained
            and not self._observer.is_own(message)
        ]

    def _wait_for_number(self, number: int) -> None:
        try:
            self._observer.wait_for(
                lambda _: len(self.messages()) >= number,
                what=f"message number {number} on {self._topic}",
                timeout_s=self.patience_s,
                unless=self._look,
            )
        except NothingCameError as error:
            error.message = "; ".join(text for text in (error.message, self._explain()) if text)
            raise

    def _printed(self, arrival: Arrival) -> str:
        return self._kit.log_since(arrival.printed_after)

    def _look(self) -> None:
        self._log_sizes.append((self._clock(), self._kit.log_size()))
        self._kit.check()

    def _arrival(self, index: int) -> Arrival:
        come = self.messages()
        # The first ones may have been printed before the kit was connected, and have waited for that.
        before = come[index - PRINTED_AHEAD].time if index >= PRINTED_AHEAD else -inf
        return Arrival(come[index], self._log_size_at(min(before, come[index].time - PRINTED_BEFORE_S)))

    def _log_size_at(self, moment: float) -> int:
        """Return how much had been printed at a moment, or somewhat earlier."""
        return max((size for looked, size in self._log_sizes if looked <= moment), default=0)
