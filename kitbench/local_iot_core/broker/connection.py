"""One client's bytes: decoded into packets, and each handed to what takes its kind. No socket."""

from collections.abc import Callable
from typing import Any, Final

from kitbench.local_iot_core.broker import admission, publishing, subscribing
from kitbench.local_iot_core.broker.client import Broker, Client, Wire
from kitbench.local_iot_core.broker.presence import DisconnectReason
from kitbench.local_iot_core.mqtt.mqtt_decoder import Decoder
from kitbench.local_iot_core.mqtt.mqtt_packets import (
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
    Unsubscribe,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import Property
from kitbench.local_iot_core.policies.authorization import Peer


class Connection:
    """What a transport hands a client's bytes to, from the moment it is secured.

    Args:
        broker: that the client wants to talk to.
        wire: takes what the client is sent.
        peer: who the transport says that the client is.
    """

    def __init__(self, broker: Broker, wire: Wire, peer: Peer) -> None:
        self.client = Client(broker, wire, peer)
        self._decoder = Decoder(broker.limits.packet_size)
        broker.expect(self.client)

    def receive(self, data: bytes) -> None:
        """Take bytes from the client."""
        client = self.client
        client.heard_s = client.broker.clock()
        try:
            for packet in self._decoder.feed(data):
                _handle(client, packet)
                if not client.is_open:
                    return
        except PacketError as error:
            client.fail(str(error), error.reason)

    def lost(self, why: str = "the client hung up") -> None:
        """Take note that the transport is gone."""
        self.client.end(DisconnectReason.CONNECTION_LOST, why)

    def closed_by_client(self) -> None:
        """Take note of a WebSocket's close frame, which is a leave like DISCONNECT."""
        self.client.end(DisconnectReason.CLIENT_INITIATED_DISCONNECT, "the client closed its WebSocket")


def _handle(client: Client, packet: Packet) -> None:
    if client.session is None and isinstance(packet, Connect):
        admission.admit(client, packet)
    elif isinstance(packet, Connect):
        client.fail("second CONNECT on one connection", Reason.PROTOCOL_ERROR)
    elif client.session is None or type(packet) not in _HANDLERS:
        client.fail(f"{type(packet).__name__} is not expected here", Reason.PROTOCOL_ERROR)
    else:
        _HANDLERS[type(packet)](client, packet)


def _receive_puback(client: Client, packet: Puback) -> None:
    """Take an acknowledgement; its place in the window is free for the next message."""
    assert client.session is not None
    if client.session.acknowledge(packet.packet_id):
        client.pump()


def _receive_pingreq(client: Client, _packet: Pingreq) -> None:
    client.send(Pingresp())


def _receive_disconnect(client: Client, packet: Disconnect) -> None:
    """Take the client's leave; MQTT 5 may change the session's expiry and ask for the will."""
    expiry = packet.properties.get(Property.SESSION_EXPIRY_INTERVAL)
    if isinstance(expiry, int) and client.session_expiry_s > 0:
        client.session_expiry_s = min(float(expiry), client.broker.limits.session_expiry_most_s)
    if packet.code == Reason.DISCONNECT_WITH_WILL:
        client.publish_will(0)
    client.end(DisconnectReason.CLIENT_INITIATED_DISCONNECT, "the client disconnected")


#: What takes which packet of a client that was let in.
_HANDLERS: Final[dict[type, Callable[[Client, Any], None]]] = {
    Publish: publishing.receive_publish,
    Puback: _receive_puback,
    Subscribe: subscribing.receive_subscribe,
    Unsubscribe: subscribing.receive_unsubscribe,
    Pingreq: _receive_pingreq,
    Disconnect: _receive_disconnect,
}
