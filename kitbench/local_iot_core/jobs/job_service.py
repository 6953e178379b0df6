"""The Jobs service beside the message broker, in its thread: requests of devices answered, devices told."""

import time
from collections.abc import Callable
from typing import Final

from kitbench.local_iot_core.broker.events import EventKind
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.jobs import device_topics
from kitbench.local_iot_core.jobs.job_error import Json
from kitbench.local_iot_core.jobs.job_store import JobStore
from kitbench.local_iot_core.policies.registry import Registry


class JobService:
    """Jobs for the devices of a message broker.

    Args:
        broker: its clients are asked and told.
        fleet: returns which things there are; None for those of the broker's registry.

    Attributes:
        store: all jobs and their executions.
    """

    def __init__(self, broker: MessageBroker, fleet: Callable[[], Registry] | None = None) -> None:
        self._broker: Final = broker
        self.store: Final = JobStore(fleet or (lambda: broker.registry), time.time, self._notify)

    def take(self, message: Message) -> None:
        """Answer a message, if it is a request to the Jobs service; the answer is for its sender alone."""
        answered = device_topics.answer(self.store, message)
        if answered is None:
            return
        if answered.refusal:
            self._broker.events.record(
                EventKind.REQUEST_REJECTED,
                client_id=message.publisher,
                topic=message.topic,
                reason=answered.refusal,
            )
        self._broker.reply(message.publisher, answered.message)

    def _notify(self, thing: str, kind: str, body: Json) -> None:
        self._broker.publish(device_topics.notification(thing, kind, body))
