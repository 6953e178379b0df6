"""A message broker without sockets or waiting: clients hand packets in and read packets back, and the clock is set."""

from dataclasses import dataclass, field
from typing import Any

from kitbench.local_iot_core.broker.connection import Connection
from kitbench.local_iot_core.broker.events import EventKind, EventLog
from kitbench.local_iot_core.broker.limits import Limits
from kitbench.local_iot_core.broker.message_broker import MessageBroker
from kitbench.local_iot_core.mqtt.mqtt_decoder import Decoder
from kitbench.local_iot_core.mqtt.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_3_1_1,
    Connack,
    Connect,
    Packet,
    Publish,
    Suback,
    Subscribe,
    SubscriptionRequest,
)
from kitbench.local_iot_core.policies.authorization import Peer
from kitbench.local_iot_core.policies.policy import Policy, Statement
from kitbench.local_iot_core.policies.registry import Certificate, Registry, Thing

ALLOW_ALL = Policy("allow-all", (Statement(allows=True, actions=("iot:*",), resources=("*",)),))


def allow(action: str, *resources: str) -> Statement:
    """Return a statement that allows `action` on resources such as ``"topic/a"``."""
    return Statement(allows=True, actions=(action,), resources=tuple(map(arn, resources)))


def deny(action: str, *resources: str) -> Statement:
    """Return a statement that denies `action`."""
    return Statement(allows=False, actions=(action,), resources=tuple(map(arn, resources)))


def arn(resource: str) -> str:
    """Return the ARN of a resource of the local account."""
    return resource if resource == "*" else f"arn:aws:iot:us-east-1:000000000000:{resource}"


@dataclass
class Wire:
    """A transport that keeps what it was given."""

    written: bytearray = field(default_factory=bytearray)
    is_closed: bool = False
    stuck: int = 0

    def write(self, data: bytes) -> None:
        assert not self.is_closed
        self.written += data

    def close(self) -> None:
        self.is_closed = True

    def backlog(self) -> int:
        return self.stuck


class Client:
    """The other end of a connection."""

    def __init__(self, connection: Connection, wire: Wire, level: int) -> None:
        self.connection = connection
        self.wire = wire
        self.level = level
        self._decoder = Decoder(10_000_000, level)

    def send(self, packet: Packet) -> list[Packet]:
        """Send a packet; return what came back."""
        self.connection.receive(encode(packet, self.level))
        return self.read()

    def read(self) -> list[Packet]:
        """Return the packets that have come since the last time."""
        data = bytes(self.wire.written)
        self.wire.written.clear()
        return list(self._decoder.feed(data))

    def subscribe(self, *topic_filters: str, qos: int = 0, **options: Any) -> list[Packet]:
        requests = tuple(SubscriptionRequest(topic_filter, qos, **options) for topic_filter in topic_filters)
        return self.send(Subscribe(1, requests))

    def codes(self, *topic_filters: str, qos: int = 0) -> tuple[int, ...]:
        """Subscribe; return the codes of the SUBACK."""
        [suback] = [packet for packet in self.subscribe(*topic_filters, qos=qos) if isinstance(packet, Suback)]
        return suback.codes

    def publish(self, topic: str, payload: bytes = b"x", **options: Any) -> list[Packet]:
        packet_id = 7 if options.get("qos") else None
        return self.send(Publish(topic, payload, packet_id=packet_id, **options))

    def messages(self) -> list[Publish]:
        return [packet for packet in self.read() if isinstance(packet, Publish)]

    @property
    def is_open(self) -> bool:
        return not self.wire.is_closed


class BrokerRig:
    """A broker whose registry holds certificates `c1`, `c2` … with the policies given."""

    def __init__(self, *, limits: Limits | None = None) -> None:
        self.now_s = 1000.5
        self.events = EventLog()
        self.certificates: dict[str, Certificate] = {}
        self.broker = MessageBroker(self.events, limits=limits, clock=lambda: self.now_s)

    def register(self, certificate_id: str, *policies: Policy, **fields: Any) -> Certificate:
        """Register a certificate, or change it; the broker hears of it."""
        fields.setdefault("status", "ACTIVE")
        certificate = Certificate(certificate_id, policies=policies, **fields)
        self.certificates[certificate_id] = certificate
        self.broker.registry_changed(self.registry())
        return certificate

    def delete(self, certificate_id: str) -> None:
        del self.certificates[certificate_id]
        self.broker.registry_changed(self.registry())

    def registry(self) -> Registry:
        things = {thing.name: thing for item in self.certificates.values() for thing in item.things}
        return Registry(dict(self.certificates), things)

    def open(self, certificate_id: str | None = "c1", level: int = MQTT_3_1_1) -> Client:
        wire = Wire()
        return Client(Connection(self.broker, wire, Peer("127.0.0.1", certificate_id)), wire, level)

    def connect(
        self,
        client_id: str = "kit",
        *,
        certificate_id: str = "c1",
        level: int = MQTT_3_1_1,
        clean: bool = True,
        keep_alive_s: int = 60,
        **fields: Any,
    ) -> Client:
        """Return a client that was let in; its CONNACK is read."""
        client = self.open(certificate_id, level)
        [connack] = client.send(Connect(level, client_id, clean, keep_alive_s, **fields))[:1]
        assert isinstance(connack, Connack)
        assert connack.code == 0
        return client

    def pass_s(self, seconds: float) -> None:
        """Let time pass and what is due happen, second by second."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s = min(self.now_s + 1, until_s)
            self.broker.tick()

    def reasons(self, kind: EventKind) -> list[str]:
        return [str(event["reason"]) for event in self.events.of(kind)]


def rig(*statements: Statement, limits: Limits | None = None, things: tuple[Thing, ...] = ()) -> BrokerRig:
    """Return a rig with certificate `c1`, which may do what the statements say; without any, everything."""
    made = BrokerRig(limits=limits)
    made.register("c1", Policy("policy", statements) if statements else ALLOW_ALL, things=things)
    return made
