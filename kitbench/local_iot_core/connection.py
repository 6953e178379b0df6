"""One client's connection: its life from CONNECT to the end, and what it sends and gets in between. No socket.

What a CONNECT, a PUBLISH or a SUBSCRIBE may do is in `admission`, `publishing` and `subscribing`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from kitbench.local_iot_core import admission, presence, publishing, subscribing
from kitbench.local_iot_core.authorization import (
    Peer,
    RefusalError,
    authorizer_for,
    find_certificate,
    topic_arn,
)
from kitbench.local_iot_core.events import EventKind, Field
from kitbench.local_iot_core.limits import RateMeter
from kitbench.local_iot_core.mqtt_decoder import Decoder
from kitbench.local_iot_core.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt_packets import (
    MQTT_3_1_1,
    MQTT_5,
    Connect,
    Disconnect,
    Packet,
    PacketError,
    Pingreq,
    Pingresp,
    Puback,
    Publish,
    Reason,
    Subscribe,
    SubscriptionRequest,
    Unsubscribe,
)
from kitbench.local_iot_core.mqtt_properties import Property
from kitbench.local_iot_core.policy import Authorizer
from kitbench.local_iot_core.presence import DisconnectReason
from kitbench.local_iot_core.session import Message, Session, WireForms

if TYPE_CHECKING:
    from kitbench.local_iot_core.message_broker import MessageBroker

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


class Connection:
    """The broker's side of one client.

    Attributes:
        session: None until CONNECT was accepted.
        session_expiry_s: how long the session outlives the connection.
    """

    def __init__(self, broker: "MessageBroker", wire: Wire, peer: Peer) -> None:
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
        self._decoder = Decoder(broker.limits.packet_size)
        self._heard_s = broker.clock()

    # What comes in

    def receive(self, data: bytes) -> None:
        """Take bytes from the client."""
        self._heard_s = self.broker.clock()
        try:
            for packet in self._decoder.feed(data):
                self._handle(packet)
                if not self.is_open:
                    return
        except PacketError as error:
            self.fail(str(error), error.reason)

    def lost(self, why: str = "the client hung up") -> None:
        """Take note that the transport is gone."""
        self.end(DisconnectReason.CONNECTION_LOST, why)

    def closed_by_client(self) -> None:
        """Take note of a WebSocket's close frame, which is a leave like DISCONNECT."""
        self.end(DisconnectReason.CLIENT_INITIATED_DISCONNECT, "the client closed its WebSocket")

    def _handle(self, packet: Packet) -> None:
        if isinstance(packet, Connect):
            if self.session is not None:
                self.fail("second CONNECT on one connection", Reason.PROTOCOL_ERROR)
            else:
                admission.admit(self, packet)
            return
        handler = _HANDLERS.get(type(packet))
        if self.session is None or handler is None:
            self.fail(f"{type(packet).__name__} is not expected here", Reason.PROTOCOL_ERROR)
        else:
            handler(self, packet)

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

    # How it goes on, and how it ends

    def bind(self) -> None:
        """Find out, from the registry as it is now, what this client may do.

        Raises:
            RefusalError: nothing at all.
        """
        certificate = find_certificate(self.broker.registry, self.peer)
        self.authorizer = authorizer_for(certificate, self.peer, self.client_id, self.connect_attributes)
        self._certificate = certificate

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
        silent_s = now_s - self._heard_s
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
        if reason not in presence.SILENT and self.will is not None:
            publishing.publish_will(self, self.will, min(self.will_delay_s, session_expiry_s))
        details = self.presence_details() | {"versionNumber": self.version_number}
        self.broker.publish(presence.disconnected(self.client_id, reason, **details))

    def presence_details(self) -> dict[str, str | int]:
        """Return what every presence event of this connection says."""
        return {
            "timestamp": admission.wall_clock_ms(),
            "sessionIdentifier": self.session_identifier,
            "principalIdentifier": self.peer.principal,
        }

    def record(self, kind: EventKind, **fields: Field) -> None:
        """Record an event of this client."""
        self.broker.events.record(
            kind, client_id=self.client_id, principal=self.peer.principal, address=self.peer.address, **fields
        )

    # The small packets

    def on_puback(self, packet: Puback) -> None:
        """Take an acknowledgement; its place in the window is free for the next message."""
        assert self.session is not None
        if self.session.acknowledge(packet.packet_id):
            self.pump()

    def on_pingreq(self, _packet: Pingreq) -> None:
        """Answer a ping."""
        self.send(Pingresp())

    def on_disconnect(self, packet: Disconnect) -> None:
        """Take the client's leave; MQTT 5 may change the session's expiry and ask for the will."""
        expiry = packet.properties.get(Property.SESSION_EXPIRY_INTERVAL)
        if isinstance(expiry, int) and self.session_expiry_s > 0:
            self.session_expiry_s = min(float(expiry), self.broker.limits.session_expiry_most_s)
        if packet.code == Reason.DISCONNECT_WITH_WILL and self.will is not None:
            publishing.publish_will(self, self.will, 0)
        self.end(DisconnectReason.CLIENT_INITIATED_DISCONNECT, "the client disconnected")


_HANDLERS: Final[dict[type, Callable[[Connection, Any], None]]] = {
    Publish: publishing.receive_publish,
    Puback: Connection.on_puback,
    Subscribe: subscribing.receive_subscribe,
    Unsubscribe: subscribing.receive_unsubscribe,
    Pingreq: Connection.on_pingreq,
    Disconnect: Connection.on_disconnect,
}
