"""The bench's eye in the cloud: records every message on the run's topics, and talks back.

Waits are bounded, and say what they waited for and what came instead.
"""

import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Final, Self

from kitbench.cloud.billing.meter import Meter
from kitbench.cloud.endpoint import Endpoint
from kitbench.cloud.mqtt.message import Message, Presence, parse_presence
from kitbench.cloud.mqtt.mqtt_connection import MqttConnection
from kitbench.cloud.things.client_identity import ClientIdentity, Topics
from kitbench.errors import CloudError, KitError, UsageError

_log = logging.getLogger(__name__)
#: The most messages kept; a flood must not fill the bench's memory before the meter stops it.
_MESSAGES_MAX: Final = 100_000
#: What a wait that ends without result shows of what came instead.
_SHOWN: Final = 3
#: How often a wait asks whether there is still something to wait for, in seconds.
_ASK_EVERY_S: Final = 0.25


class NothingCameError(KitError):
    """What the kit should have published did not come in time."""


class Observer:
    """Watches topics while it is entered.

    Args:
        endpoint: the broker.
        topics: to subscribe to, and to publish on; `Topics.for_observer` of the kits' topics makes them.
        identity: an observer's own thing and certificate; None signs a WebSocket with the bench's AWS credentials.
        client_id: by default the identity's; needed without one.
        watched: the identities of kits: who may publish what says who published a message.
        meter: counts what is seen, and stops the waits when the budget is nearly gone.
    """

    def __init__(  # noqa: PLR0913 - collaborators, by keyword
        self,
        endpoint: Endpoint,
        *,
        topics: Topics,
        identity: ClientIdentity | None = None,
        client_id: str | None = None,
        watched: Iterable[ClientIdentity] = (),
        meter: Meter | None = None,
    ) -> None:
        if identity is not None:
            client_id = identity.client_id
        if client_id is None:
            raise UsageError("an observer without an identity needs a client id")
        self._topics = topics
        self._watched = tuple(watched)
        self._meter = meter if meter is not None else Meter()
        self._changed = threading.Condition()
        self._messages: list[Message] = []
        self._presence: list[Presence] = []
        self._own: Counter[tuple[str, bytes]] = Counter()
        self._lost = 0
        self._connection: Final = MqttConnection(endpoint, identity, client_id=client_id, on_message=self._received)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Connect and subscribe; returns when every subscription is acknowledged.

        Raises:
            CloudError: the broker cannot be reached or refuses.
        """
        self._connection.connect()
        self._meter.connected(self._connection.client_id, who="observer")
        try:
            for topic in self._topics.subscribe:
                self._connection.subscribe(topic)
                self._meter.count("subscribe", len(topic), who="observer")
        except CloudError:
            self.stop()
            raise

    def stop(self) -> None:
        """Disconnect; what was recorded stays."""
        self._connection.disconnect()
        self._meter.disconnected(self._connection.client_id)

    def messages(self, *, after: int = 0) -> list[Message]:
        """Return the messages so far, in the order of their arrival, without the first `after`."""
        with self._changed:
            return self._messages[after:]

    def mark(self) -> int:
        """Return the number of messages so far, for `after`."""
        with self._changed:
            return len(self._messages)

    def is_own(self, message: Message) -> bool:
        """Say whether the observer itself published a message."""
        return message.client_id == self._connection.client_id

    def presence(self) -> list[Presence]:
        """Return who came and went so far."""
        with self._changed:
            return list(self._presence)

    def presence_of(self, client_id: str) -> list[Presence]:
        """Return the comings and goings of one client so far."""
        return [one for one in self.presence() if one.client_id == client_id]

    def check(self) -> None:
        """Raise when the record may have gaps.

        Raises:
            CloudError: the connection was interrupted, or there was more than the observer keeps.
        """
        if self._connection.interruptions:
            raise CloudError(f"the observer's connection broke {self._connection.interruptions} times", stage="cloud")
        if self._lost:
            raise CloudError(f"the observer kept {_MESSAGES_MAX} messages and lost {self._lost}", stage="cloud")

    def publish(self, topic: str, payload: bytes, *, qos: int = 1) -> None:
        """Publish and, with QoS 1, wait until the broker has it.

        Raises:
            CloudError: the broker refuses or does not answer.
        """
        with self._changed:
            self._own[topic, payload] += 1
        self._connection.publish(topic, payload, qos=qos)
        self._meter.count("publish_in", len(topic) + len(payload), who="observer")

    def wait_for(
        self,
        predicate: Callable[[Message], bool],
        *,
        what: str,
        timeout_s: float,
        after: int = 0,
        unless: Callable[[], None] = lambda: None,
    ) -> Message:
        """Return the first message, past the first `after`, for which the predicate holds.

        Args:
            predicate: called once per message.
            what: it waits for, for the error's line.
            timeout_s: the most it may take.
            after: as `mark` returned it.
            unless: called several times a second; it raises when waiting has become pointless.

        Raises:
            NothingCameError: nothing came; the line says what came instead.
            BudgetExceededError: the meter stopped the run.
            CloudError: the observer's own connection broke meanwhile.
        """
        end = time.monotonic() + timeout_s
        position = after
        while True:
            fresh = self._fresh(position, min(end, time.monotonic() + _ASK_EVERY_S))
            for message in fresh:
                if predicate(message):
                    return message
            position += len(fresh)
            self._meter.check()
            unless()
            if not fresh and time.monotonic() >= end:
                raise self._nothing(what, timeout_s, self.messages(after=after))

    def wait_for_presence(
        self,
        client_id: str,
        event: str,
        *,
        timeout_s: float,
        after: float = 0.0,
        unless: Callable[[], None] = lambda: None,
    ) -> Presence:
        """Return the first event of a client, ``"connected"`` or ``"disconnected"``, later than the time `after`.

        Args:
            client_id: of the client.
            event: what it did.
            timeout_s: the most that the wait may take.
            after: seconds since 1970.
            unless: called several times a second; it raises when waiting has become pointless.

        Raises:
            NothingCameError: the broker told of none in time.
        """
        end = time.monotonic() + timeout_s
        while True:
            found = self._event(client_id, event, after, min(end, time.monotonic() + _ASK_EVERY_S))
            if found is not None:
                return found
            unless()
            if time.monotonic() >= end:
                seen = [f"{one.client_id} {one.event} {one.reason}".strip() for one in self.presence()[-_SHOWN:]]
                line = f"the cloud did not see {client_id} {event} within {timeout_s:g} s"
                raise self._nothing_came(line, seen)

    def _event(self, client_id: str, event: str, after: float, end: float) -> Presence | None:
        def find() -> Presence | None:
            found = (one for one in self._presence if (one.client_id, one.event) == (client_id, event))
            return next((one for one in found if one.time > after), None)

        with self._changed:
            self._changed.wait_for(lambda: find() is not None, max(0.0, end - time.monotonic()))
            return find()

    def _fresh(self, position: int, end: float) -> list[Message]:
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._messages) > position or self._meter.stopped, max(0.0, end - time.monotonic())
            )
            return self._messages[position:]

    def _nothing(self, what: str, timeout_s: float, seen: list[Message]) -> KitError | CloudError:
        shown = [f"{one.topic} {one.text[:40]!r}" for one in seen[-_SHOWN:]]
        line = f"{what} did not arrive in the cloud within {timeout_s:g} s"
        return self._nothing_came(line, [f"{len(seen)} messages, the last: {', '.join(shown)}"] if seen else [])

    def _nothing_came(self, what: str, seen: list[str]) -> KitError | CloudError:
        line = f"{what}; what came instead: {'; '.join(seen) or 'nothing'}"
        if self._connection.interruptions:
            return CloudError(f"{line}; and the observer's own connection broke", stage="cloud")
        return NothingCameError(line, stage="cloud")

    def _received(self, topic: str, payload: bytes, qos: int, retained: bool, duplicate: bool) -> None:  # noqa: FBT001 - awscrt's order
        now = time.time()
        with self._changed:
            client_id = self._publisher(topic, payload)
            message = Message(now, topic, payload, qos, client_id, retained, duplicate)
            event = parse_presence(message)
            if event is not None:
                self._presence.append(event)
            elif len(self._messages) < _MESSAGES_MAX:
                self._messages.append(message)
            else:
                self._lost += 1
            self._changed.notify_all()
        self._count(message, event)

    def _publisher(self, topic: str, payload: bytes) -> str | None:
        """Say who published: the observer itself, or the only watched client whose policy allows the topic."""
        if self._own[topic, payload]:
            self._own[topic, payload] -= 1
            return self._connection.client_id
        publishers = [identity.client_id for identity in self._watched if topic in identity.topics.publish]
        return publishers[0] if len(publishers) == 1 else None

    def _count(self, message: Message, event: Presence | None) -> None:
        """Count the message for all whom AWS bills for it: its publisher, the observer and every subscribed kit."""
        size = len(message.topic) + len(message.payload)
        self._meter.count("publish_out", size, who="observer")
        if message.qos:
            self._meter.count("puback", who="observer")
        if event is not None:
            self._count_presence(event)
            return
        if message.client_id != self._connection.client_id:
            self._meter.count("publish_in", size)
        readers = sum(message.topic in identity.topics.subscribe for identity in self._watched)
        if readers:
            self._meter.count("publish_out", size, times=readers)
        if readers and message.qos:
            # At most: who subscribed with QoS 0 acknowledges nothing, and the cloud tells nobody else with which.
            self._meter.count("puback", times=readers)

    def _count_presence(self, event: Presence) -> None:
        watched = {identity.client_id: identity for identity in self._watched}
        if event.client_id not in watched:
            return
        if event.event == "connected":
            self._meter.connected(event.client_id)
            self._meter.count("subscribe", times=len(watched[event.client_id].topics.subscribe))
        elif event.event == "disconnected":
            self._meter.disconnected(event.client_id)
