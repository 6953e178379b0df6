"""Between a device's TLS stream and the message broker: sees every packet, and withholds what the test wants."""

import asyncio
from typing import Final

from kitbench.local_iot_core.broker.connection import Connection
from kitbench.local_iot_core.broker.session import Message
from kitbench.local_iot_core.device_advisor.behaviour import WHILE_S, Absence, Behaviour, Delivery
from kitbench.local_iot_core.device_advisor.stage import Stage
from kitbench.local_iot_core.device_advisor.wire_event import Step
from kitbench.local_iot_core.mqtt.mqtt_decoder import Decoder
from kitbench.local_iot_core.mqtt.mqtt_packets import Connack, Connect, PacketError, PacketType, Suback, Subscribe
from kitbench.local_iot_core.mqtt.topic import matches
from kitbench.local_iot_core.policies.authorization import Peer
from kitbench.local_iot_core.transport.tls_stream import TlsStream

_REFUSED: Final = 0x80


class Tap:
    """Receiver of the stream, and wire of the broker's connection."""

    def __init__(self, stage: Stage, link: int, behaviour: Behaviour, stream: TlsStream) -> None:
        self._stage = stage
        self._link = link
        self._behaviour = behaviour
        self._stream = stream
        limit = stage.broker.limits.packet_size
        self._from_device = Decoder(limit)
        self._to_device = Decoder(limit)
        self._requests: dict[int, Subscribe] = {}
        self._heard_on = ""
        self._connection: Connection = Connection(stage.broker, self, Peer(stream.address, stream.certificate_id()))
        self._has_ended = False
        self._was_cut = False

    # The stream's side

    def receive(self, data: bytes) -> None:
        """Take what the device sent."""
        try:
            for packet in self._from_device.feed(data):
                self._stage.note(self._link, Step.RECEIVED, packet=packet)
                if isinstance(packet, Subscribe):
                    self._requests[packet.packet_id] = packet
                if isinstance(packet, Connect):
                    self._to_device.protocol_level = packet.protocol_level
                    if self._behaviour.ignores_connect:
                        self._cut_later(self._behaviour.cut_after_s)
        except PacketError as error:
            self.cut(f"the device sent what is no MQTT: {error}")
            return
        if not self._behaviour.ignores_connect:
            self._connection.receive(data)

    def lost(self, why: str = "the device hung up") -> None:
        """Take note that the device hung up."""
        self._end(Step.CLOSED, why)
        self._connection.lost(why)

    # The broker's side

    def write(self, data: bytes) -> None:
        """Send a packet of the broker's, or withhold it."""
        for packet in self._to_device.feed(data):
            if PacketType(data[0] >> 4) in self._behaviour.withholds:
                self._stage.note(self._link, Step.WITHHELD, packet=packet)
                return
            self._stage.note(self._link, Step.SENT, packet=packet)
            self._stream.write(data)
            if isinstance(packet, Connack) and not self._behaviour.cuts_after_suback:
                self._cut_later(self._behaviour.cut_after_s)
            elif isinstance(packet, Suback):
                self._subscribed(packet)

    def close(self) -> None:
        """Hang up for the broker, which has written down why."""
        latest = self._stage.broker.events.latest
        self._end(Step.CUT, str(latest[-1].get("reason", "")) if latest else "")
        self._stream.close()

    def backlog(self) -> int:
        """Return how many bytes the device has not taken yet."""
        return self._stream.backlog()

    # What the test does

    def cut(self, why: str) -> None:
        """Hang up for the test, once."""
        if self._was_cut:
            return
        self._was_cut = True
        self._end(Step.CUT, why)
        self._connection.lost(why)
        self._stream.close()
        if self._behaviour.absence is Absence.EXPIRES:
            self._stage.broker.expire_sessions()
        elif self._behaviour.absence is Absence.MESSAGE and self._heard_on:
            self._stage.broker.publish(self._message())

    def _cut_later(self, wait_s: float | None) -> None:
        if wait_s is not None:
            delay_s = wait_s / self._stage.clock_factor
            asyncio.get_running_loop().call_later(delay_s, self.cut, "the test hangs up")

    def _end(self, step: Step, why: str) -> None:
        if not self._has_ended:
            self._has_ended = True
            self._stage.note(self._link, step, detail=why)
            self._stage.let_go(self)

    def _subscribed(self, suback: Suback) -> None:
        """Publish to the device, or hang up on it, now that it has subscribed with QoS 1 to what it is to hear."""
        request = self._requests.get(suback.packet_id)
        if request is None:
            return
        pairs, topic = zip(request.requests, suback.codes, strict=False), self._stage.stimulus.topic
        granted = [one.topic_filter for one, code in pairs if 0 < code < _REFUSED]
        heard = [one for one in granted if not topic or matches(one, topic)]
        if heard:
            self._heard_on = topic or topic_within(heard[0])
            if self._behaviour.delivery in {Delivery.SMALL, Delivery.LARGE}:
                asyncio.get_running_loop().call_soon(self._stage.broker.publish, self._message())
        if self._behaviour.cuts_after_suback:
            # A device may subscribe to what nothing waits for first.
            self._cut_later(self._behaviour.cut_after_s if heard else WHILE_S)

    def _message(self) -> Message:
        payload = self._stage.stimulus.payload_of(self._behaviour.delivery)
        self._stage.delivered.add(payload)
        return Message(self._heard_on, payload, 1)


def topic_within(topic_filter: str) -> str:
    """Return a topic that a filter matches."""
    levels = ["advisor" if level in {"+", "#"} else level for level in topic_filter.split("/")]
    return "/".join(levels)
