"""One client as the broker knows it: its session and rights, what it is sent, and how it ends. No socket.

What the client sends is taken by a `connection.Connection`; what a packet may do is in `admission`, `publishing` and
`subscribing`. None of these is known here: arrows lead from them to this module.
"""

from collections.abc import Callable
from typing import Final, Protocol

from kitbench.local_iot_core.broker import presence
from kitbench.local_iot_core.broker.billed_messages import BilledMessages
from kitbench.local_iot_core.broker.events import EventKind, EventLog, Field
from kitbench.local_iot_core.broker.limits import Limits, RateMeter
from kitbench.local_iot_core.broker.presence import DisconnectReason
from kitbench.local_iot_core.broker.retained import RetainedMessages
from kitbench.local_iot_core.broker.session import Message, Session, WireForms
from kitbench.local_iot_core.mqtt.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_3_1_1,
    MQTT_5,
    Disconnect,
    Packet,
    Reason,
    SubscriptionRequest,
)
from kitbench.local_iot_core.policies.authorization import (
    Peer,
    RefusalError,
    authorizer_for,
    find_certificate,
    topic_arn,
)
from kitbench.local_iot_core.policies.policy import Authorizer, Decision
from kitbench.local_iot_core.policies.registry import Registry

#: Bytes not yet taken by a slow client: beyond the first QoS 0 messages to it are discarded and it is read no further,
#: beyond the second it is cut. The slow one pays, nobody else waits.
BACKLOG_FULL: Final = 1024 * 1024
BACKLOG_FATAL: Final = 32 * 1024 * 1024


class Wire(Protocol):
    """What a connection needs of its transport."""

    def write(self, data: bytes) -> None:
        """Send soon; never blocks."""

    def close(self) -> None:
        """Close when what was written is out."""

    def backlog(self) -> int:
        """Return how many bytes the other end has not taken yet."""


class Broker(Protocol):
    """What a client and its packets need of the message broker (`message_broker.MessageBroker`)."""

    @property
    def clock(self) -> Callable[[], float]:
        """Return the clock, in seconds that never go back."""

    @property
    def limits(self) -> Limits:
        """Return the quotas."""

    @property
    def registry(self) -> Registry:
        """Return certificates, policies and things as they are now."""

    @property
    def events(self) -> EventLog:
        """Return the log of decisions."""

    @property
    def billed(self) -> BilledMessages:
        """Return the meter of billable messages."""

    @property
    def retained(self) -> RetainedMessages:
        """Return the retained messages."""

    def expect(self, client: "Client") -> None:
        """Take note of a client that has not sent CONNECT yet."""

    def admits_rate(self, client_id: str) -> bool:
        """Return whether a CONNECT of `client_id` is within its quota, and count it."""

    def count_connection(self, client_id: str) -> int:
        """Return the version number of a client's lifecycle events."""

    def enter(self, client: "Client", client_id: str, *, clean: bool) -> tuple[Session, bool]:
        """Make `client` the one of `client_id`; return its session and whether that was there before."""

    def leave(self, client: "Client", *, session_expiry_s: float) -> None:
        """Take a client out; its session lives on for `session_expiry_s`."""

    def subscribe(self, session: Session, request: SubscriptionRequest) -> bool:
        """Add or replace a subscription; return whether it is new."""

    def unsubscribe(self, session: Session, topic_filter: str) -> bool:
        """Remove a subscription; return whether there was one."""

    def publish(self, message: Message | None) -> int:
        """Hand a message to its subscribers; return to how many."""

    def publish_will(self, client_id: str, will: Message, delay_s: float) -> None:
        """Publish a last will now, or after its delay unless the client comes back."""

    def serve(self, message: Message) -> None:
        """Publish a client's message, and what a service that listens to its topic answers."""


class Client:
    """The broker's side of one client.

    Attributes:
        session: None until CONNECT was accepted.
        session_expiry_s: how long the session outlives the connection.
        heard_s: when the client last sent something, by the broker's clock.
    """

    def __init__(self, broker: Broker, wire: Wire, peer: Peer) -> None:
        self.broker = broker
        self.peer = peer
        self.client_id = ""
        self.level = MQTT_3_1_1
        self.session: Session | None = None
        self.session_expiry_s = 0.0
        self.session_identifier = ""
        self.version_number = 0
        self.connect_attributes: tuple[str, ...] = ()
        self.authorizer = Authorizer([], {})
        self.will: Message | None = None
        self.will_delay_s = 0.0
        self.keep_alive_s = 0
        self.maximum_packet_size: int | None = None
        self.topic_aliases: dict[int, str] = {}
        self.publish_rate = RateMeter(broker.limits.publishes_per_s)
        self.byte_rate = RateMeter(broker.limits.bytes_per_s)
        self.is_open = True
        self._certificate: object = None
        self._wire = wire
        self.heard_s = broker.clock()

    # What goes out

    def send(self, packet: Packet) -> None:
        """Send a packet as this connection's protocol level writes it."""
        if self.is_open:
            self.write(encode(packet, self.level))

    def write(self, data: bytes) -> None:
        """Send an encoded packet; a client that lets too much pile up is cut."""
        if self._wire.backlog() > BACKLOG_FATAL:
            self.end(DisconnectReason.THROTTLED, "the client does not read what it is sent", Reason.QUOTA_EXCEEDED)
        else:
            self._wire.write(data)

    def deliver(self, message: Message, request: SubscriptionRequest, forms: WireForms) -> None:
        """Send a message that matched a subscription, if the policies let this client receive it."""
        session = self.session
        if session is None or not self.is_open:
            return
        decision = self.authorizer.decide("iot:Receive", topic_arn(message.topic))
        if not decision.allowed:
            self.record(EventKind.DELIVERY_REFUSED, topic=message.topic, reason=decision.reason)
            return
        retain = message.retain and request.retain_as_published
        if min(message.qos, request.qos):
            if not session.queue(message.as_delivered(retain=retain)):
                self.record(
                    EventKind.DISCARDED, topic=message.topic, reason="the client is too slow: its queue is full"
                )
            self.pump()
        elif self._wire.backlog() > BACKLOG_FULL:
            self.record(EventKind.DISCARDED, topic=message.topic, reason="the client is too slow: its backlog is full")
        else:
            self._write_publish(forms.at(self.level, retain=retain), message)

    def pump(self) -> None:
        """Send waiting QoS 1 messages as far as the client's window is open."""
        if self.session is None or not self.is_open:
            return
        now_s = self.broker.clock()
        for packet_id, message in self.session.take_sendable(now_s):
            self._write_publish(encode(message.to_publish(now_s, packet_id), self.level), message)

    def send_retained(self, message: Message, qos: int) -> None:
        """Send a retained message to a new subscriber."""
        if min(message.qos, qos) and self.session is not None:
            self.session.queue(message)
            self.pump()
        else:
            self._write_publish(encode(message.to_publish(self.broker.clock()), self.level), message)

    def send_stored(self) -> None:
        """Send what was stored for a client that came back, at the rate that AWS does; then the rest goes on."""
        session = self.session
        if session is None or not self.is_open:
            return
        now_s = self.broker.clock()
        for packet_id, message, is_duplicate in session.take_stored(now_s):
            publish = message.to_publish(now_s, packet_id, duplicate=is_duplicate)
            self._write_publish(encode(publish, self.level), message)
        self.pump()

    def _write_publish(self, data: bytes, message: Message) -> None:
        if self.maximum_packet_size is not None and len(data) > self.maximum_packet_size:
            self.record(EventKind.DISCARDED, topic=message.topic, reason="larger than the client's maximum packet size")
        else:
            self.broker.billed.count("publish_out", len(message.payload))
            self.write(data)

    # What it may do

    def may_publish(self, topic: str, *, retain: bool) -> Decision:
        """Return whether the policies let this client publish to a topic, and leave a retained message there."""
        resource = topic_arn(topic)
        decision = self.authorizer.decide("iot:Publish", resource)
        if decision.allowed and retain:
            return self.authorizer.decide("iot:RetainPublish", resource)
        return decision

    def bind(self) -> None:
        """Find out, from the registry as it is now, what this client may do.

        Raises:
            RefusalError: nothing at all.
        """
        certificate = find_certificate(self.broker.registry, self.peer)
        self.authorizer = authorizer_for(certificate, self.peer, self.client_id, self.connect_attributes)
        self._certificate = certificate

    # How it goes on, and how it ends

    def registry_changed(self) -> None:
        """Judge the client by the registry's new state."""
        identifier = self.peer.certificate_id or ""
        if self.broker.registry.certificates.get(identifier) == self._certificate:
            return
        try:
            self.bind()
        except RefusalError as error:
            self.end(DisconnectReason.AUTH_ERROR, str(error), Reason.NOT_AUTHORIZED)

    def tick(self, now_s: float) -> None:
        """Cut a client that said nothing for 1.5 times its keep-alive, or did not CONNECT in time."""
        silent_s = now_s - self.heard_s
        if self.session is None:
            if silent_s > self.broker.limits.connect_timeout_s:
                self.end(DisconnectReason.CLIENT_ERROR, "no CONNECT in time")
        elif silent_s > 1.5 * self.keep_alive_s:
            why = f"silent for {silent_s:.0f} s, keep-alive is {self.keep_alive_s} s"
            self.end(DisconnectReason.MQTT_KEEP_ALIVE_TIMEOUT, why, Reason.KEEP_ALIVE_TIMEOUT)
        elif self.session.stored:
            self.send_stored()

    def taken_over(self) -> None:
        """End because another connection uses the same client id."""
        why = f"client id {self.client_id!r} connected again"
        self.end(DisconnectReason.DUPLICATE_CLIENTID, why, Reason.SESSION_TAKEN_OVER)

    def shut_down(self) -> None:
        """End because the broker ends."""
        why = "the message broker shuts down"
        self.end(DisconnectReason.SERVER_INITIATED_DISCONNECT, why, Reason.SERVER_SHUTTING_DOWN)

    def fail(self, why: str, code: Reason) -> None:
        """End because the client broke the protocol or a quota."""
        self.end(DisconnectReason.CLIENT_ERROR, why, code)

    def forbid(self, kind: EventKind, why: str, **fields: Field) -> None:
        """End because the client may not do what it tried."""
        self.record(kind, reason=why, **fields)
        self.end(DisconnectReason.AUTH_ERROR, why, Reason.NOT_AUTHORIZED)

    def refuse(self, why: str) -> None:
        """End before a session began."""
        self.record(EventKind.CONNECT_REFUSED, reason=why)
        self.is_open = False
        self.broker.leave(self, session_expiry_s=0)
        self._wire.close()

    def end(self, reason: DisconnectReason, why: str, code: Reason | None = None) -> None:
        """End the connection, once; tell the client (MQTT 5), the record, the presence topic and the will's readers."""
        if not self.is_open:
            return
        if self.session is None:
            self.refuse(why)
            return
        if code is not None and self.level == MQTT_5:
            self._wire.write(encode(Disconnect(code), MQTT_5))
        # Recorded before the hang-up: whoever sees it finds the reason.
        self.record(EventKind.DISCONNECTED, disconnect_reason=reason, reason=why)
        self.is_open = False
        session_expiry_s = self.session_expiry_s
        self.broker.leave(self, session_expiry_s=session_expiry_s)
        self._wire.close()
        if reason not in presence.SILENT:
            self.publish_will(min(self.will_delay_s, session_expiry_s))
        details = self.presence_details() | {"versionNumber": self.version_number}
        self.broker.publish(presence.disconnected(self.client_id, reason, **details))

    def publish_will(self, delay_s: float) -> None:
        """Publish the last will, if there is one and its client may publish there."""
        if self.will is None:
            return
        decision = self.may_publish(self.will.topic, retain=self.will.retain)
        if decision.allowed:
            self.broker.publish_will(self.client_id, self.will, delay_s)
        else:
            reason = f"last will: {decision.reason}"
            self.record(EventKind.PUBLISH_REFUSED, topic=self.will.topic, reason=reason)

    def presence_details(self) -> dict[str, str | int]:
        """Return what every presence event of this connection says."""
        return {
            "timestamp": presence.wall_clock_ms(),
            "sessionIdentifier": self.session_identifier,
            "principalIdentifier": self.peer.principal,
        }

    def record(self, kind: EventKind, **fields: Field) -> None:
        """Record an event of this client."""
        self.broker.events.record(
            kind, client_id=self.client_id, principal=self.peer.principal, address=self.peer.address, **fields
        )
