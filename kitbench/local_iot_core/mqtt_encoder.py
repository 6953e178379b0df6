"""From MQTT control packets to bytes. Pure. Source: OASIS MQTT 3.1.1 and 5.0, chapters 2 and 3."""

from kitbench.local_iot_core.mqtt_packets import (
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
from kitbench.local_iot_core.mqtt_properties import (
    encode_binary,
    encode_properties,
    encode_string,
    encode_variable_byte_integer,
)


def encode(packet: Packet, protocol_level: int = MQTT_3_1_1) -> bytes:
    """Return the bytes of `packet` as the connection's protocol level writes it."""
    match packet:
        case Publish():
            return _encode_publish(packet, protocol_level)
        case Puback():
            return _frame(PacketType.PUBACK, _encode_acknowledgement(packet, protocol_level))
        case Pingreq():
            return _frame(PacketType.PINGREQ, b"")
        case Pingresp():
            return _frame(PacketType.PINGRESP, b"")
        case Disconnect():
            return _frame(PacketType.DISCONNECT, _encode_code(packet.code, packet.properties, protocol_level))
        case Connect():
            return _frame(PacketType.CONNECT, _encode_connect(packet))
        case _:
            return _encode_subscription_packet(packet, protocol_level)


def _encode_subscription_packet(packet: Packet, level: int) -> bytes:
    match packet:
        case Connack():
            head = bytes([packet.session_present, packet.code])
            return _frame(PacketType.CONNACK, head + _properties(packet.properties, level))
        case Subscribe():
            options = b"".join(encode_string(r.topic_filter) + _options(r) for r in packet.requests)
            return _frame(PacketType.SUBSCRIBE, _head(packet.packet_id, packet.properties, level) + options, flags=2)
        case Unsubscribe():
            filters = b"".join(map(encode_string, packet.topic_filters))
            return _frame(PacketType.UNSUBSCRIBE, _head(packet.packet_id, packet.properties, level) + filters, flags=2)
        case Suback():
            return _frame(PacketType.SUBACK, _head(packet.packet_id, packet.properties, level) + bytes(packet.codes))
        case Unsuback():
            codes = bytes(packet.codes) if level == MQTT_5 else b""
            return _frame(PacketType.UNSUBACK, _head(packet.packet_id, packet.properties, level) + codes)
        case _:
            raise ValueError(f"{type(packet).__name__} is never sent")


def _encode_publish(packet: Publish, level: int) -> bytes:
    flags = packet.duplicate << 3 | packet.qos << 1 | packet.retain
    packet_id = b"" if packet.packet_id is None else packet.packet_id.to_bytes(2)
    body = encode_string(packet.topic) + packet_id + _properties(packet.properties, level) + packet.payload
    return _frame(PacketType.PUBLISH, body, flags=flags)


def _encode_connect(packet: Connect) -> bytes:
    level, will = packet.protocol_level, packet.will
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
    return head + _properties(packet.properties, level) + payload


def _encode_acknowledgement(packet: Puback, level: int) -> bytes:
    return packet.packet_id.to_bytes(2) + _encode_code(packet.code, packet.properties, level)


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
