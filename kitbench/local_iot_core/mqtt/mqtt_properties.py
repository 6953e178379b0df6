"""MQTT 5 properties: identifiers, types, and their codec. Source: OASIS MQTT 5.0, section 2.2.2 and table 2-4."""

from enum import IntEnum
from typing import Final, TypeAlias

from kitbench.local_iot_core.mqtt.mqtt_packets import NO_PROPERTIES, PacketError, Properties, PropertyValue, Reason

#: More user properties than this in one packet is an attack, not a message (AWS: 8 KB of properties a packet).
MAXIMUM_PROPERTIES: Final = 256
MAXIMUM_VARIABLE_BYTE_INTEGER: Final = 268_435_455


class Property(IntEnum):
    """Property identifiers."""

    PAYLOAD_FORMAT_INDICATOR = 0x01
    MESSAGE_EXPIRY_INTERVAL = 0x02
    CONTENT_TYPE = 0x03
    RESPONSE_TOPIC = 0x08
    CORRELATION_DATA = 0x09
    SUBSCRIPTION_IDENTIFIER = 0x0B
    SESSION_EXPIRY_INTERVAL = 0x11
    ASSIGNED_CLIENT_IDENTIFIER = 0x12
    SERVER_KEEP_ALIVE = 0x13
    AUTHENTICATION_METHOD = 0x15
    AUTHENTICATION_DATA = 0x16
    REQUEST_PROBLEM_INFORMATION = 0x17
    WILL_DELAY_INTERVAL = 0x18
    REQUEST_RESPONSE_INFORMATION = 0x19
    RESPONSE_INFORMATION = 0x1A
    SERVER_REFERENCE = 0x1C
    REASON_STRING = 0x1F
    RECEIVE_MAXIMUM = 0x21
    TOPIC_ALIAS_MAXIMUM = 0x22
    TOPIC_ALIAS = 0x23
    MAXIMUM_QOS = 0x24
    RETAIN_AVAILABLE = 0x25
    USER_PROPERTY = 0x26
    MAXIMUM_PACKET_SIZE = 0x27
    WILDCARD_SUBSCRIPTION_AVAILABLE = 0x28
    SUBSCRIPTION_IDENTIFIER_AVAILABLE = 0x29
    SHARED_SUBSCRIPTION_AVAILABLE = 0x2A


#: Fixed-width integer properties → size in bytes. The rest of the table follows by kind.
_INTEGER_SIZES: Final = {
    Property.PAYLOAD_FORMAT_INDICATOR: 1,
    Property.MESSAGE_EXPIRY_INTERVAL: 4,
    Property.SESSION_EXPIRY_INTERVAL: 4,
    Property.SERVER_KEEP_ALIVE: 2,
    Property.REQUEST_PROBLEM_INFORMATION: 1,
    Property.WILL_DELAY_INTERVAL: 4,
    Property.REQUEST_RESPONSE_INFORMATION: 1,
    Property.RECEIVE_MAXIMUM: 2,
    Property.TOPIC_ALIAS_MAXIMUM: 2,
    Property.TOPIC_ALIAS: 2,
    Property.MAXIMUM_QOS: 1,
    Property.RETAIN_AVAILABLE: 1,
    Property.MAXIMUM_PACKET_SIZE: 4,
    Property.WILDCARD_SUBSCRIPTION_AVAILABLE: 1,
    Property.SUBSCRIPTION_IDENTIFIER_AVAILABLE: 1,
    Property.SHARED_SUBSCRIPTION_AVAILABLE: 1,
}
_BINARY: Final = frozenset({Property.CORRELATION_DATA, Property.AUTHENTICATION_DATA})

_Scanned: TypeAlias = tuple[PropertyValue | tuple[str, str], int]


def decode_variable_byte_integer(data: bytes, position: int) -> tuple[int, int]:
    """Return a variable byte integer and the position behind it."""
    value = 0
    for shift in (0, 7, 14, 21):
        if position >= len(data):
            raise PacketError("packet ends within a variable byte integer")
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
    raise PacketError("variable byte integer is longer than 4 bytes")


def encode_variable_byte_integer(value: int) -> bytes:
    """Return `value`, at most 268,435,455, as 1 to 4 bytes."""
    if not 0 <= value <= MAXIMUM_VARIABLE_BYTE_INTEGER:
        raise ValueError(f"{value} does not fit a variable byte integer")
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def decode_binary(data: bytes, position: int) -> tuple[bytes, int]:
    """Return length-prefixed bytes and the position behind them."""
    start = position + 2
    end = start + int.from_bytes(data[position:start])
    if start > len(data) or end > len(data):
        raise PacketError(f"packet ends within a field at byte {position}")
    return data[start:end], end


def decode_string(data: bytes, position: int) -> tuple[str, int]:
    """Return a UTF-8 string and the position behind it; neither ill-formed UTF-8 nor U+0000 (MQTT 5.0, 1.5.4)."""
    raw, position = decode_binary(data, position)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise PacketError("string is not UTF-8") from error
    if "\0" in text:
        raise PacketError("string holds U+0000")
    return text, position


def encode_string(text: str) -> bytes:
    """Return `text` as a length-prefixed UTF-8 string."""
    return encode_binary(text.encode())


def encode_binary(data: bytes) -> bytes:
    """Return `data`, at most 65,535 bytes, with its length in front."""
    return len(data).to_bytes(2) + data


def decode_properties(data: bytes, position: int) -> tuple[Properties, int]:
    """Return the properties at `position` and the position behind them."""
    length, position = decode_variable_byte_integer(data, position)
    if length == 0:
        return NO_PROPERTIES, position
    end = position + length
    if end > len(data):
        raise PacketError("packet ends within its properties")
    properties: dict[int, PropertyValue] = {}
    for _ in range(MAXIMUM_PROPERTIES):
        if position == end:
            return properties, position
        identifier, position = _decode_identifier(data, position)
        value, position = _decode_value(identifier, data[:end], position)
        _add(properties, identifier, value)
    raise PacketError(f"more than {MAXIMUM_PROPERTIES} properties", Reason.PACKET_TOO_LARGE)


def _decode_identifier(data: bytes, position: int) -> tuple[Property, int]:
    number, position = decode_variable_byte_integer(data, position)
    try:
        return Property(number), position
    except ValueError as error:
        raise PacketError(f"unknown property {number:#x}") from error


def _decode_value(identifier: Property, data: bytes, position: int) -> _Scanned:
    if size := _INTEGER_SIZES.get(identifier):
        if position + size > len(data):
            raise PacketError(f"packet ends within property {identifier.name}")
        return int.from_bytes(data[position : position + size]), position + size
    if identifier is Property.SUBSCRIPTION_IDENTIFIER:
        return decode_variable_byte_integer(data, position)
    if identifier in _BINARY:
        return decode_binary(data, position)
    if identifier is not Property.USER_PROPERTY:
        return decode_string(data, position)
    name, position = decode_string(data, position)
    value, position = decode_string(data, position)
    return (name, value), position


def _add(properties: dict[int, PropertyValue], identifier: Property, value: PropertyValue | tuple[str, str]) -> None:
    if isinstance(value, tuple):
        pairs = properties.setdefault(identifier, [])
        assert isinstance(pairs, list)
        pairs.append(value)
    elif identifier in properties:
        raise PacketError(f"property {identifier.name} occurs twice", Reason.PROTOCOL_ERROR)
    else:
        properties[identifier] = value


def encode_properties(properties: Properties) -> bytes:
    """Return `properties` with their length in front."""
    if not properties:
        return b"\0"
    body = b"".join(_encode_property(Property(identifier), value) for identifier, value in properties.items())
    return encode_variable_byte_integer(len(body)) + body


def _encode_property(identifier: Property, value: PropertyValue) -> bytes:
    key = bytes([identifier])
    match value:
        case int() if identifier is Property.SUBSCRIPTION_IDENTIFIER:
            return key + encode_variable_byte_integer(value)
        case int():
            return key + value.to_bytes(_INTEGER_SIZES[identifier])
        case str():
            return key + encode_string(value)
        case bytes():
            return key + encode_binary(value)
        case list():
            return b"".join(key + encode_string(name) + encode_string(text) for name, text in value)
