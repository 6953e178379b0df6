"""MQTT 5 properties: every kind of value there and back, and what the specification calls malformed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.local_iot_core.mqtt.mqtt_packets import PacketError, Properties, Reason
from kitbench.local_iot_core.mqtt.mqtt_properties import (
    Property,
    decode_properties,
    decode_string,
    decode_variable_byte_integer,
    encode_properties,
    encode_variable_byte_integer,
)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({}, "00"),
        ({Property.PAYLOAD_FORMAT_INDICATOR: 1}, "02 01 01"),
        ({Property.SESSION_EXPIRY_INTERVAL: 3600}, "05 11 00 00 0e 10"),
        ({Property.TOPIC_ALIAS: 258}, "03 23 01 02"),
        ({Property.SUBSCRIPTION_IDENTIFIER: 300}, "03 0b ac 02"),
        ({Property.REASON_STRING: "no"}, "05 1f 00 02 6e 6f"),
        ({Property.CORRELATION_DATA: b"\0\xff"}, "05 09 00 02 00 ff"),
        ({Property.USER_PROPERTY: [("a", "b"), ("a", "c")]}, "0e 26 00 01 61 00 01 62 26 00 01 61 00 01 63"),
    ],
)
def test_bytes_of_each_kind(properties: Properties, expected: str) -> None:
    data = bytes.fromhex(expected)

    assert encode_properties(properties) == data
    assert decode_properties(b"x" + data + b"rest", 1) == (properties, 1 + len(data))


@pytest.mark.parametrize(
    ("data", "words", "reason"),
    [
        ("05 01", "ends within its properties", Reason.MALFORMED_PACKET),
        ("02 7f 00", "unknown property 0x7f", Reason.MALFORMED_PACKET),
        ("02 11 00", "ends within property SESSION_EXPIRY_INTERVAL", Reason.MALFORMED_PACKET),
        ("04 01 01 01 01", "PAYLOAD_FORMAT_INDICATOR occurs twice", Reason.PROTOCOL_ERROR),
        ("04 1f 00 05 61", "ends within a field", Reason.MALFORMED_PACKET),
        ("05 1f 00 02 c3 28", "not UTF-8", Reason.MALFORMED_PACKET),
        ("ff ff ff ff 01", "longer than 4 bytes", Reason.MALFORMED_PACKET),
        ("80", "ends within a variable byte integer", Reason.MALFORMED_PACKET),
    ],
)
def test_what_is_malformed(data: str, words: str, reason: Reason) -> None:
    with pytest.raises(PacketError, match=words) as caught:
        decode_properties(bytes.fromhex(data), 0)

    assert caught.value.reason is reason


def test_string_holds_no_nul() -> None:
    assert decode_string(b"\0\x01a", 0) == ("a", 3)
    with pytest.raises(PacketError, match=r"U\+0000"):
        decode_string(b"\0\x01\0", 0)


@given(st.integers(0, 268_435_455))
def test_variable_byte_integer_survives_the_round_trip(value: int) -> None:
    encoded = encode_variable_byte_integer(value)

    assert decode_variable_byte_integer(encoded, 0) == (value, len(encoded))


def test_too_large_integer_is_not_encoded() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        encode_variable_byte_integer(268_435_456)
