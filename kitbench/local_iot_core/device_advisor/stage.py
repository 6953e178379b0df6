"""One test while it is under way: its plan, its broker, and what happened on the wire."""

import time
from collections.abc import Callable
from typing import Any, Protocol

from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.device_advisor.behaviour import Behaviour, Delivery, Plan
from kitbench.local_iot_core.device_advisor.job_offer import JobOffer
from kitbench.local_iot_core.device_advisor.stimulus import USUAL, Stimulus, desired_update
from kitbench.local_iot_core.device_advisor.wire_event import Step, WireEvent
from kitbench.local_iot_core.device_advisor.wire_log import WireLog
from kitbench.local_iot_core.mqtt.mqtt_packets import Packet
from kitbench.local_iot_core.policies.registry import Registry


class OpenLink(Protocol):
    """A connection that can be ended."""

    def cut(self, why: str) -> None:
        """Hang up on the device, as the test's misbehaviour asks."""


class Stage:
    """The stage of one test.

    Args:
        plan: says how each connection is treated.
        make_broker: makes the test's own message broker from its clock: no session of an earlier test lives on.
        clock_factor: how much faster the device's clock runs than ours.
        is_device: says whether a client certificate, by its id, is the device's.
        stimulus: what the device is sent.
        registry: returns who may do what, as it is now; None for what the broker was made with.
        any_thing: jobs of whatever thing the device asks for are its own.
    """

    def __init__(  # noqa: PLR0913 - what may be chosen, by name
        self,
        plan: Plan,
        make_broker: Callable[[Callable[[], float]], MessageBroker],
        *,
        clock_factor: float = 1.0,
        is_device: Callable[[str | None], bool] = lambda _identifier: True,
        stimulus: Stimulus = USUAL,
        registry: Callable[[], Registry] | None = None,
        any_thing: bool = False,
    ) -> None:
        self._plan = plan
        self._begun = time.monotonic()
        self._links: set[OpenLink] = set()
        self._count = 0
        self.clock_factor = clock_factor
        self.is_device = is_device
        self.stimulus = stimulus
        self._asks_for_state = self._has_asked = False
        #: What was published to the device: its own messages come back to it, too, where it has subscribed to them.
        self.delivered: set[bytes] = set()
        self.log = WireLog()
        self.strangers = 0
        self.broker = make_broker(self.now)
        self._registry = registry
        self._ask_registry()
        #: The Jobs service answers in every test, as AWS's does; a job is there in the test of jobs alone.
        self.jobs = JobOffer(self.broker, self.log, stimulus, any_thing=any_thing)

    def now(self) -> float:
        """Return the seconds of the device's clock since the test began."""
        return (time.monotonic() - self._begun) * self.clock_factor

    def open(self) -> tuple[int, Behaviour]:
        """Take note of a new connection; return its number and how it is to be treated."""
        behaviour = self._plan(self.log)
        number, self._count = self._count, self._count + 1
        self.note(number, Step.OPENED)
        self.jobs.is_due |= behaviour.delivery is Delivery.JOB
        self._asks_for_state |= behaviour.delivery is Delivery.DESIRED_STATE and not self._has_asked
        return number, behaviour

    def tick(self) -> None:
        """Do what is due by the clock; call it often."""
        self._ask_registry()
        self.broker.tick()
        self.jobs.tick()
        update = desired_update(self.log, self.stimulus) if self._asks_for_state else None
        if update is not None:
            self._asks_for_state, self._has_asked = False, True
            self.broker.serve(update)

    def facts(self) -> dict[str, Any]:
        """Return what the judge has to know beside the wire, as fields of `Terms`."""
        return {"delivered": frozenset(self.delivered), "job": self.jobs.execution, "is_own_job": self.jobs.is_own}

    def note(
        self, link: int, step: Step, *, packet: Packet | None = None, detail: str = "", suites: tuple[int, ...] = ()
    ) -> None:
        """Take an event of a connection."""
        self.log.add(WireEvent(self.now(), link, step, packet, detail, suites))

    def _ask_registry(self) -> None:
        if self._registry is not None:
            self.broker.registry = self._registry()

    def turn_away(self, link: int) -> None:
        """Forget what a client did whose certificate is not the device's."""
        self.strangers += 1
        self.log.forget(link)

    def hold(self, link: OpenLink) -> None:
        """Remember a connection that must be ended with the test."""
        self._links.add(link)

    def let_go(self, link: OpenLink) -> None:
        """Forget a connection that has ended."""
        self._links.discard(link)

    def end(self) -> None:
        """End every connection: the next test begins afresh."""
        for link in [*self._links]:
            link.cut("the test is over")
        self.broker.close()
