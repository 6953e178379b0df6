"""Counts what AWS IoT Core bills, and stops a run before its budget is gone.

Source: https://aws.amazon.com/iot-core/pricing/: messages per 5 KB begun, in and out, CONNECT, SUBSCRIBE and PUBACK of
clients among them, PING not; connection minutes; registry operations. Free tier: 500,000 messages, 2,250,000 minutes
and 225,000 registry or shadow operations a month.
"""

import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from kitbench.errors import KitbenchError, KitError

_log = logging.getLogger(__name__)
#: Bytes that AWS meters as one message.
UNIT_SIZE: Final = 5 * 1024
FREE_MESSAGES_PER_MONTH: Final = 500_000
#: What a run may cost: 250 runs a month stay within the free tier.
DEFAULT_BUDGET: Final = FREE_MESSAGES_PER_MONTH // 250
_MONTH_S: Final = 30 * 86400
#: The part of the budget kept for what is under way when the run is stopped.
_RESERVE: Final = 0.05
#: How long it takes to hold a kit in reset, in seconds: what comes in meanwhile must fit, too.
_REACTION_S: Final = 1.0
#: Operations of the thing registry, which AWS bills; certificates and policies are free.
_REGISTRY: Final = frozenset({
    "CreateThing", "UpdateThing", "DeleteThing", "DescribeThing", "ListThings",
    "AttachThingPrincipal", "DetachThingPrincipal", "ListThingPrincipals", "ListPrincipalThings",
})  # fmt: skip


class BudgetExceededError(KitError):
    """The firmware floods the cloud: going on would exceed the run's budget of messages."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A meter's state.

    Attributes:
        units: billed messages by who and kind, such as "kit publish_in" or "observer puback"; kinds are connect,
            subscribe, publish_in, publish_out and puback.
        total: of all of them.
        registry_operations: billed apart.
        connection_minutes: billed apart.
        budget: the most messages this run may cost.
        seconds: since traffic began.
        projection_month: the kit's messages a month if it went on like this; 0 before there was traffic.
    """

    units: dict[str, int]
    total: int
    registry_operations: int
    connection_minutes: float
    budget: int
    seconds: float
    projection_month: int


class Meter:
    """Counts for one run or test; any thread may count.

    Args:
        budget: the most messages it may cost.
        on_stop: called by the thread that counted when the budget is about to be exceeded, and again, once a second,
            if messages come all the same; holds the kit in reset. It must be quick.
        clock: seconds, monotonic.
    """

    def __init__(
        self,
        budget: int = DEFAULT_BUDGET,
        *,
        on_stop: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._budget = budget
        self._on_stop = on_stop
        self._clock = clock
        self._lock = threading.Lock()
        self._units: Counter[str] = Counter()
        self._registry_operations = 0
        self._recent: deque[tuple[float, int]] = deque()
        self._first: float | None = None
        self._connected: dict[str, float] = {}
        self._connection_s = 0.0
        self._stopped = False
        self._held = float("-inf")

    @property
    def stopped(self) -> bool:
        """Whether the run has to end."""
        return self._stopped

    def count(self, kind: str, size: int = 0, *, who: str = "kit", times: int = 1) -> None:
        """Count `times` packets of `size` bytes (topic and payload) each, sent or received by `who`.

        Never raises: it is called from network threads; `check` does.
        """
        units = units_of(size) * times
        with self._lock:
            now = self._clock()
            self._first = now if self._first is None else self._first
            self._units[f"{who} {kind}"] += units
            self._recent.append((now, units))
            while self._recent[0][0] < now - _REACTION_S:
                self._recent.popleft()
            stop = self._is_close() and now - self._held >= _REACTION_S
            self._held = now if stop else self._held
            self._stopped = self._stopped or stop
        if stop and self._on_stop is not None:
            self._stop()

    def _stop(self) -> None:
        assert self._on_stop is not None
        try:
            self._on_stop()
        except (KitbenchError, OSError):
            # The network's thread must go on; `check` ends the run all the same.
            _log.exception("the kit could not be held when its budget of messages was nearly gone")

    def _is_close(self) -> bool:
        reserve = max(self._budget * _RESERVE, sum(units for _, units in self._recent))
        return self._units.total() + reserve > self._budget

    def connected(self, client_id: str, *, who: str = "kit") -> None:
        """Count a CONNECT and begin to count the connection's minutes."""
        with self._lock:
            self._connected.setdefault(client_id, self._clock())
        self.count("connect", who=who)

    def disconnected(self, client_id: str) -> None:
        """End a connection's minutes."""
        with self._lock:
            begun = self._connected.pop(client_id, None)
            if begun is not None:
                self._connection_s += self._clock() - begun

    def watch(self, client: Any) -> None:
        """Count the registry operations of a boto3 client for "iot", each attempt as AWS does."""

        def count(request: Any, event_name: str, **_: object) -> None:
            del request
            if event_name.rpartition(".")[2] in _REGISTRY:
                with self._lock:
                    self._registry_operations += 1

        client.meta.events.register("before-send.iot", count)

    def check(self) -> None:
        """Raise when the budget is about to be exceeded.

        Raises:
            BudgetExceededError: the firmware's fault; the line says how much it would cost in a month.
        """
        if not self._stopped:
            return
        reading = self.reading()
        raise BudgetExceededError(
            f"stopped at {reading.total} of {reading.budget} messages after {reading.seconds:.0f} s, "
            f"{reading.projection_month:,} a month if left running",
            stage="traffic",
            fix="publish less often, and do not subscribe to what you publish",
        )

    def reading(self) -> Reading:
        """Return the counts so far."""
        with self._lock:
            now = self._clock()
            seconds = 0.0 if self._first is None else now - self._first
            total = self._units.total()
            kits = sum(units for kind, units in self._units.items() if kind.startswith("kit "))
            open_s = sum(now - begun for begun in self._connected.values())
            return Reading(
                units=dict(self._units),
                total=total,
                registry_operations=self._registry_operations,
                connection_minutes=(self._connection_s + open_s) / 60,
                budget=self._budget,
                seconds=seconds,
                projection_month=projection_month(kits, seconds),
            )


def units_of(size: int) -> int:
    """Return how many messages AWS bills for one packet of `size` bytes."""
    return max(1, -(-size // UNIT_SIZE))


def projection_month(units: int, seconds: float) -> int:
    """Return what `units` in `seconds` come to in thirty days; 0 when nothing was measured."""
    return round(units * _MONTH_S / seconds) if seconds > 0 else 0
