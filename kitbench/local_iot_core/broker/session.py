"""What the message broker keeps for a client id: subscriptions, messages on their way, messages waiting. No I/O."""

import collections
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from kitbench.local_iot_core.broker.limits import RateMeter
from kitbench.local_iot_core.mqtt.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt.mqtt_packets import Properties, Publish, SubscriptionRequest, no_properties
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.mqtt.topic import SHARED_PREFIX, plain_filter

#: Properties of a PUBLISH that go on to its subscribers. Source: MQTT 5.0, 3.3.2.3.
FORWARDED: Final = frozenset(
    {
        Property.PAYLOAD_FORMAT_INDICATOR,
        Property.CONTENT_TYPE,
        Property.RESPONSE_TOPIC,
        Property.CORRELATION_DATA,
        Property.USER_PROPERTY,
    }
)


@dataclass(frozen=True, slots=True)
class Message:
    """An application message on its way through the broker.

    Attributes:
        publisher: client id; None for the broker's own events.
        expires_at: on the broker's clock, in seconds; None never.
        hops: how often rules have republished it.
    """

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    properties: Properties = field(default_factory=no_properties)
    publisher: str | None = None
    expires_at: float | None = None
    hops: int = 0

    def to_publish(self, now_s: float, packet_id: int | None = None, *, duplicate: bool = False) -> Publish:
        """Return the PUBLISH that carries the message to a subscriber, with QoS 1 exactly if it has a packet id."""
        properties = self.properties
        if self.expires_at is not None:
            left = max(0, round(self.expires_at - now_s))
            properties = {**properties, Property.MESSAGE_EXPIRY_INTERVAL: left}
        qos = 0 if packet_id is None else 1
        return Publish(self.topic, self.payload, qos, self.retain, duplicate, packet_id, properties)

    def as_delivered(self, *, retain: bool) -> "Message":
        """Return the message with the retain flag that a subscriber is to see."""
        return self if retain == self.retain else replace(self, retain=retain)

    def is_expired(self, now_s: float) -> bool:
        """Return whether nobody may get the message any more."""
        return self.expires_at is not None and now_s >= self.expires_at


#: Stored messages that a client gets a second after it came back. Source: AWS IoT Core developer guide, "MQTT
#: persistent sessions".
STORED_PER_S: Final = 10


class WireForms:
    """A message's QoS 0 packet, encoded once per protocol level and not once per subscriber."""

    def __init__(self, message: Message, now_s: float) -> None:
        self._message = message
        self._now_s = now_s
        self._encoded: dict[tuple[int, bool], bytes] = {}

    def at(self, protocol_level: int, *, retain: bool = False) -> bytes:
        """Return the packet as `protocol_level` writes it."""
        key = (protocol_level, retain)
        encoded = self._encoded.get(key)
        if encoded is None:
            publish = self._message.as_delivered(retain=retain).to_publish(self._now_s)
            encoded = self._encoded[key] = encode(publish, protocol_level)
        return encoded


@dataclass(frozen=True, slots=True)
class Subscription:
    """A session's subscription, as the broker's filter tree holds it."""

    session: "Session"
    request: SubscriptionRequest
    group: str | None

    @property
    def topic_filter(self) -> str:
        """The filter without a shared group in front."""
        return plain_filter(self.request.topic_filter)


def make_subscription(session: "Session", request: SubscriptionRequest) -> Subscription:
    """Return the subscription that a SUBSCRIBE of `session` asks for."""
    shared = request.topic_filter.startswith(SHARED_PREFIX)
    return Subscription(session, request, request.topic_filter.split("/")[1] if shared else None)


class Session:
    """The state of one client id, which may outlive its connection."""

    def __init__(self, client_id: str, *, unacknowledged: int, queued: int) -> None:
        self.client_id = client_id
        self.subscriptions: dict[str, Subscription] = {}
        #: Packet id → message sent with QoS 1 and not acknowledged.
        self.unacknowledged: dict[int, Message] = {}
        self.waiting: collections.deque[Message] = collections.deque()
        #: What waited for the client to come back: packet id (0: not sent yet) and message.
        self.stored: collections.deque[tuple[int, Message]] = collections.deque()
        self._stored_rate = RateMeter(STORED_PER_S)
        self.expires_at: float | None = None
        self.window = unacknowledged
        self._queued = queued
        self._last_packet_id = 0

    def queue(self, message: Message) -> bool:
        """Keep a QoS 1 message for later; return False when the oldest had to go for it."""
        room = len(self.waiting) < self._queued
        if not room:
            self.waiting.popleft()
        self.waiting.append(message)
        return room

    def take_sendable(self, now_s: float) -> Iterator[tuple[int, Message]]:
        """Yield waiting messages with the packet ids they go out under, while the window has room."""
        while self.waiting and len(self.unacknowledged) < self.window:
            message = self.waiting.popleft()
            if not message.is_expired(now_s):
                packet_id = self._next_packet_id()
                self.unacknowledged[packet_id] = message
                yield packet_id, message

    def store(self) -> None:
        """Set aside what its former connection left behind; it is sent slowly, beside what is new."""
        self.stored = collections.deque(self.unacknowledged.items())
        self.stored.extend((0, message) for message in self.waiting)
        self.waiting.clear()

    def take_stored(self, now_s: float) -> Iterator[tuple[int, Message, bool]]:
        """Yield packet id, message and whether it is sent again, as far as rate and window allow now."""
        while self.stored:
            packet_id, message = self.stored[0]
            is_blocked = not packet_id and len(self.unacknowledged) >= self.window
            if is_blocked or not self._stored_rate.takes(now_s):
                return
            self.stored.popleft()
            if packet_id and packet_id not in self.unacknowledged:
                continue
            if not packet_id and not message.is_expired(now_s):
                fresh = self._next_packet_id()
                self.unacknowledged[fresh] = message
                yield fresh, message, False
            elif packet_id:
                yield packet_id, message, True

    def acknowledge(self, packet_id: int) -> bool:
        """Forget an acknowledged message; return whether there was one."""
        return self.unacknowledged.pop(packet_id, None) is not None

    def _next_packet_id(self) -> int:
        while True:
            self._last_packet_id = self._last_packet_id % 65_535 + 1
            if self._last_packet_id not in self.unacknowledged:
                return self._last_packet_id
