"""From bytes to MQTT control packets, for both ends of a connection. Pure: no socket, no clock.

Source: OASIS MQTT 3.1.1 and 5.0, chapters 2 and 3.
"""

from collections.abc import Callable, Iterator
from typing import Final

from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_3_1_1,
    MQTT_5,
    NO_PROPERTIES,
    Connack,
    Connect,
    Disconnect,
    Packet,
    PacketError,
    PacketType,
    Pingreq,
    Pingresp,
    Properties,
    Puback,
    Publish,
    Reason,
    Suback,
    Subscribe,
    SubscriptionRequest,
    Unsuback,
    Unsubscribe,
    Unsupported,
    Will,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import decode_binary, decode_properties, decode_string

#: Flags of the fixed header that a packet type must have; PUBLISH's flags are data (MQTT 5.0, table 2-2).
_REQUIRED_FLAGS: Final = {PacketType.PUBREL: 2, PacketType.SUBSCRIBE: 2, PacketType.UNSUBSCRIBE: 2}
#: A SUBSCRIBE's filters are bounded by the packet's size; this bounds the work on them.
_MAXIMUM_FILTERS: Final = 1024


class Decoder:
    """Collects bytes and yields whole packets.

    Args:
        maximum_packet_size: bytes; a longer packet raises before it is collected.
        protocol_level: of the connection; set by a CONNECT that passes through.
    """

    def __init__(self, maximum_packet_size: int, protocol_level: int = MQTT_3_1_1) -> None:
        self.maximum_packet_size = maximum_packet_size
        self.protocol_level = protocol_level
        self._buffer = bytearray()

    def feed(self, data: bytes) -> Iterator[Packet]:
        """Yield the packets that `data` completes.

        Raises:
            PacketError: the bytes are no MQTT; nothing can be read behind them.
        """
        self._buffer += data
        consumed = 0
        try:
            while frame := _next_frame(self._buffer, consumed, self.maximum_packet_size):
                start, consumed_next = frame
                first = self._buffer[consumed]
                body = bytes(self._buffer[start:consumed_next])
                consumed = consumed_next
                yield self._decode(first, body)
        finally:
            # Also when the consumer stops in between: it has had these packets.
            del self._buffer[:consumed]

    def _decode(self, first: int, body: bytes) -> Packet:
        try:
            packet_type = PacketType(first >> 4)
        except ValueError as error:
            raise PacketError("packet type 0 is reserved") from error
        if packet_type is PacketType.PUBLISH:
            return _decode_publish(first & 0x0F, body, self.protocol_level)
        if first & 0x0F != _REQUIRED_FLAGS.get(packet_type, 0):
            raise PacketError(f"{packet_type.name} has flags {first & 0x0F:#x}")
        if packet_type is PacketType.CONNECT:
            connect = _decode_connect(body)
            self.protocol_level = connect.protocol_level
            return connect
        decode = _DECODERS.get(packet_type)
        return Unsupported(packet_type) if decode is None else decode(body, self.protocol_level)


def _next_frame(buffer: bytearray, position: int, maximum_size: int) -> tuple[int, int] | None:
    """Return start and end of the body of the packet at `position`, or None while it is incomplete."""
    length = 0
    # A variable byte integer: seven bits a byte, the lowest first, four bytes at most (MQTT 5.0, 1.5.5).
    for index in range(4):
        at = position + 1 + index
        if at >= len(buffer):
            return None
        byte = buffer[at]
        length |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            # Before the packet is collected: who announces 256 MB must not have them kept.
            if length + index + 2 > maximum_size:
                raise PacketError(f"packet of {length} bytes, at most {maximum_size}", Reason.PACKET_TOO_LARGE)
            end = at + 1 + length
            return (at + 1, end) if end <= len(buffer) else None
    raise PacketError("remaining length is longer than 4 bytes")


def _decode_connect(body: bytes) -> Connect:
    name, position = decode_string(body, 0)
    head = body[position : position + 4]
    if name != "MQTT" or len(head) < 4:
        raise PacketError(f"protocol name is {name[:16]!r}, expected 'MQTT'", Reason.UNSUPPORTED_PROTOCOL_VERSION)
    level, flags = head[0], head[1]
    if level not in {MQTT_3_1_1, MQTT_5}:
        raise PacketError(f"protocol level is {level}, expected 4 or 5", Reason.UNSUPPORTED_PROTOCOL_VERSION)
    if flags & 1:
        raise PacketError("CONNECT has its reserved flag set")
    properties, position = _decode_properties(body, position + 4, level)
    # The flags say which of the following are there; their order is fixed (MQTT 5.0, 3.1.3).
    client_id, position = decode_string(body, position)
    will, position = _decode_will(body, position, level, flags)
    user_name, password = None, None
    if flags & 0x80:
        user_name, position = decode_string(body, position)
    if flags & 0x40:
        password, position = decode_binary(body, position)
    _check_end(body, position, "CONNECT")
    return Connect(
        protocol_level=level,
        client_id=client_id,
        clean_start=bool(flags & 2),
        keep_alive_s=int.from_bytes(head[2:4]),
        will=will,
        user_name=user_name,
        password=password,
        properties=properties,
    )


def _decode_will(body: bytes, position: int, level: int, flags: int) -> tuple[Will | None, int]:
    qos, retain = flags >> 3 & 3, bool(flags & 0x20)
    if not flags & 4:
        if qos or retain:
            raise PacketError("CONNECT has will flags but no will")
        return None, position
    if qos == 3:
        raise PacketError("QoS of the will is 3")
    properties, position = _decode_properties(body, position, level)
    topic, position = decode_string(body, position)
    payload, position = decode_binary(body, position)
    return Will(topic, payload, qos, retain, properties), position


def _decode_publish(flags: int, body: bytes, level: int) -> Publish:
    qos = flags >> 1 & 3
    if qos == 3:
        raise PacketError("QoS of PUBLISH is 3")
    topic, position = decode_string(body, 0)
    packet_id = None
    if qos:
        packet_id, position = _decode_packet_id(body, position)
    properties = NO_PROPERTIES
    if level == MQTT_5:
        properties, position = decode_properties(body, position)
    # The payload has no length of its own: it is what is left.
    return Publish(topic, body[position:], qos, bool(flags & 1), bool(flags & 8), packet_id, properties)


def _decode_subscribe(body: bytes, level: int) -> Subscribe:
    packet_id, position = _decode_packet_id(body, 0)
    properties, position = _decode_properties(body, position, level)
    requests: list[SubscriptionRequest] = []
    while position < len(body):
        topic_filter, position = decode_string(body, position)
        if position >= len(body) or len(requests) == _MAXIMUM_FILTERS:
            raise PacketError("SUBSCRIBE lacks options, or has too many filters")
        requests.append(_decode_options(topic_filter, body[position], level))
        position += 1
    if not requests:
        raise PacketError("SUBSCRIBE has no topic filter", Reason.PROTOCOL_ERROR)
    return Subscribe(packet_id, tuple(requests), properties)


def _decode_options(topic_filter: str, options: int, level: int) -> SubscriptionRequest:
    # MQTT 3.1.1 knows the QoS alone; MQTT 5 adds three options and keeps the two highest bits.
    reserved = 0xC0 if level == MQTT_5 else 0xFC
    qos, retain_handling = options & 3, options >> 4 & 3
    if options & reserved or qos == 3 or retain_handling == 3:
        raise PacketError(f"subscription options are {options:#x}")
    return SubscriptionRequest(topic_filter, qos, bool(options & 4), bool(options & 8), retain_handling)


def _decode_unsubscribe(body: bytes, level: int) -> Unsubscribe:
    packet_id, position = _decode_packet_id(body, 0)
    properties, position = _decode_properties(body, position, level)
    topic_filters = []
    while position < len(body):
        topic_filter, position = decode_string(body, position)
        topic_filters.append(topic_filter)
        if len(topic_filters) > _MAXIMUM_FILTERS:
            raise PacketError("UNSUBSCRIBE has too many filters")
    if not topic_filters:
        raise PacketError("UNSUBSCRIBE has no topic filter", Reason.PROTOCOL_ERROR)
    return Unsubscribe(packet_id, tuple(topic_filters), properties)


def _decode_connack(body: bytes, level: int) -> Connack:
    if len(body) < 2:
        raise PacketError("CONNACK is too short")
    properties, _ = _decode_properties(body, 2, level)
    return Connack(body[1], bool(body[0] & 1), properties)


def _decode_puback(body: bytes, level: int) -> Puback:
    packet_id, position = _decode_packet_id(body, 0)
    code, properties = _decode_code(body, position, level)
    return Puback(packet_id, code, properties)


def _decode_suback(body: bytes, level: int) -> Suback:
    packet_id, position = _decode_packet_id(body, 0)
    properties, position = _decode_properties(body, position, level)
    return Suback(packet_id, tuple(body[position:]), properties)


def _decode_unsuback(body: bytes, level: int) -> Unsuback:
    packet_id, position = _decode_packet_id(body, 0)
    properties, position = _decode_properties(body, position, level)
    return Unsuback(packet_id, tuple(body[position:]), properties)


def _decode_disconnect(body: bytes, level: int) -> Disconnect:
    code, properties = _decode_code(body, 0, level)
    return Disconnect(code, properties)


def _decode_ping(body: bytes, _level: int) -> Pingreq:
    _check_end(body, 0, "PINGREQ")
    return Pingreq()


def _decode_ping_response(body: bytes, _level: int) -> Pingresp:
    _check_end(body, 0, "PINGRESP")
    return Pingresp()


def _decode_code(body: bytes, position: int, level: int) -> tuple[int, Properties]:
    """Return reason code and properties, both of which may be left out when nothing is to be said."""
    if position == len(body):
        return Reason.SUCCESS, NO_PROPERTIES
    if level != MQTT_5:
        raise PacketError("packet is longer than MQTT 3.1.1 allows")
    code, position = body[position], position + 1
    if position == len(body):
        return code, NO_PROPERTIES
    properties, position = decode_properties(body, position)
    _check_end(body, position, "acknowledgement")
    return code, properties


def _decode_packet_id(body: bytes, position: int) -> tuple[int, int]:
    # MQTT 5.0, 2.2.1: never 0.
    packet_id = int.from_bytes(body[position : position + 2])
    if len(body) < position + 2 or packet_id == 0:
        raise PacketError("packet identifier is missing or 0")
    return packet_id, position + 2


def _decode_properties(body: bytes, position: int, level: int) -> tuple[Properties, int]:
    return decode_properties(body, position) if level == MQTT_5 else (NO_PROPERTIES, position)


def _check_end(body: bytes, position: int, what: str) -> None:
    if position != len(body):
        raise PacketError(f"{what} has {len(body) - position} bytes too many")


_DECODERS: Final[dict[PacketType, Callable[[bytes, int], Packet]]] = {
    PacketType.CONNACK: _decode_connack,
    PacketType.PUBACK: _decode_puback,
    PacketType.SUBSCRIBE: _decode_subscribe,
    PacketType.SUBACK: _decode_suback,
    PacketType.UNSUBSCRIBE: _decode_unsubscribe,
    PacketType.UNSUBACK: _decode_unsuback,
    PacketType.PINGREQ: _decode_ping,
    PacketType.PINGRESP: _decode_ping_response,
    PacketType.DISCONNECT: _decode_disconnect,
}
