"""From MQTT control packets to bytes. Pure. Source: OASIS MQTT 3.1.1 and 5.0, chapters 2 and 3."""

from collections.abc import Callable
from typing import Any, Final

from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_3_1_1,
    MQTT_5,
    Connack,
    Connect,
    Disconnect,
    Packet,
    PacketType,
    Pingreq,
    Pingresp,
    Properties,
    Puback,
    Publish,
    Suback,
    Subscribe,
    SubscriptionRequest,
    Unsuback,
    Unsubscribe,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import (
    encode_binary,
    encode_properties,
    encode_string,
    encode_variable_byte_integer,
)


def encode(packet: Packet, protocol_level: int = MQTT_3_1_1) -> bytes:
    """Return the bytes of `packet` as the connection's protocol level writes it."""
    if isinstance(packet, Publish):  # nearly every packet is one
        return _encode_publish(packet, protocol_level)
    encoder = _ENCODERS.get(type(packet))
    if encoder is None:
        raise ValueError(f"{type(packet).__name__} is never sent")
    return encoder(packet, protocol_level)


def _encode_publish(packet: Publish, level: int) -> bytes:
    flags = packet.duplicate << 3 | packet.qos << 1 | packet.retain
    packet_id = b"" if packet.packet_id is None else packet.packet_id.to_bytes(2)
    body = encode_string(packet.topic) + packet_id + _properties(packet.properties, level) + packet.payload
    return _frame(PacketType.PUBLISH, body, flags=flags)


def _encode_connect(packet: Connect, level: int) -> bytes:
    level, will = packet.protocol_level or level, packet.will
    flags = packet.clean_start << 1 | (packet.user_name is not None) << 7 | (packet.password is not None) << 6
    payload = encode_string(packet.client_id)
    if will is not None:
        flags |= 4 | will.qos << 3 | will.retain << 5
        payload += _properties(will.properties, level) + encode_string(will.topic) + encode_binary(will.payload)
    if packet.user_name is not None:
        payload += encode_string(packet.user_name)
    if packet.password is not None:
        payload += encode_binary(packet.password)
    head = encode_string("MQTT") + bytes([level, flags]) + packet.keep_alive_s.to_bytes(2)
    return _frame(PacketType.CONNECT, head + _properties(packet.properties, level) + payload)


def _encode_connack(packet: Connack, level: int) -> bytes:
    head = bytes([packet.session_present, packet.code])
    return _frame(PacketType.CONNACK, head + _properties(packet.properties, level))


def _encode_puback(packet: Puback, level: int) -> bytes:
    code = _encode_code(packet.code, packet.properties, level)
    return _frame(PacketType.PUBACK, packet.packet_id.to_bytes(2) + code)


def _encode_subscribe(packet: Subscribe, level: int) -> bytes:
    filters = b"".join(encode_string(request.topic_filter) + _options(request) for request in packet.requests)
    return _frame(PacketType.SUBSCRIBE, _head(packet.packet_id, packet.properties, level) + filters, flags=2)


def _encode_suback(packet: Suback, level: int) -> bytes:
    return _frame(PacketType.SUBACK, _head(packet.packet_id, packet.properties, level) + bytes(packet.codes))


def _encode_unsubscribe(packet: Unsubscribe, level: int) -> bytes:
    filters = b"".join(map(encode_string, packet.topic_filters))
    return _frame(PacketType.UNSUBSCRIBE, _head(packet.packet_id, packet.properties, level) + filters, flags=2)


def _encode_unsuback(packet: Unsuback, level: int) -> bytes:
    codes = bytes(packet.codes) if level == MQTT_5 else b""
    return _frame(PacketType.UNSUBACK, _head(packet.packet_id, packet.properties, level) + codes)


def _encode_disconnect(packet: Disconnect, level: int) -> bytes:
    return _frame(PacketType.DISCONNECT, _encode_code(packet.code, packet.properties, level))


def _encode_pingreq(_packet: Pingreq, _level: int) -> bytes:
    return _frame(PacketType.PINGREQ, b"")


def _encode_pingresp(_packet: Pingresp, _level: int) -> bytes:
    return _frame(PacketType.PINGRESP, b"")


def _encode_code(code: int, properties: Properties, level: int) -> bytes:
    if level != MQTT_5 or not (code or properties):
        return b""
    return bytes([code]) + (encode_properties(properties) if properties else b"")


def _options(request: SubscriptionRequest) -> bytes:
    return bytes(
        [request.retain_handling << 4 | request.retain_as_published << 3 | request.no_local << 2 | request.qos]
    )


def _head(packet_id: int, properties: Properties, level: int) -> bytes:
    return packet_id.to_bytes(2) + _properties(properties, level)


def _properties(properties: Properties, level: int) -> bytes:
    return encode_properties(properties) if level == MQTT_5 else b""


def _frame(packet_type: PacketType, body: bytes, flags: int = 0) -> bytes:
    return bytes([packet_type << 4 | flags]) + encode_variable_byte_integer(len(body)) + body


_ENCODERS: Final[dict[type, Callable[[Any, int], bytes]]] = {
    Connect: _encode_connect,
    Connack: _encode_connack,
    Puback: _encode_puback,
    Subscribe: _encode_subscribe,
    Suback: _encode_suback,
    Unsubscribe: _encode_unsubscribe,
    Unsuback: _encode_unsuback,
    Disconnect: _encode_disconnect,
    Pingreq: _encode_pingreq,
    Pingresp: _encode_pingresp,
}
