"""Packets from bytes: examples of the specification, round trips with the encoder, and bytes of all kinds."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.local_iot_core.mqtt.mqtt_decoder import Decoder
from kitbench.local_iot_core.mqtt.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_3_1_1,
    MQTT_5,
    Connack,
    Connect,
    Disconnect,
    Packet,
    PacketError,
    PacketType,
    Pingreq,
    Pingresp,
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
from kitbench.local_iot_core.mqtt.mqtt_properties import Property

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
PACKET_ID = st.integers(1, 65_535)
PROPERTIES = st.fixed_dictionaries(
    {},
    optional={
        Property.PAYLOAD_FORMAT_INDICATOR: st.integers(0, 1),
        Property.MESSAGE_EXPIRY_INTERVAL: st.integers(0, 2**32 - 1),
        Property.CONTENT_TYPE: TEXT,
        Property.CORRELATION_DATA: st.binary(max_size=20),
        Property.SUBSCRIPTION_IDENTIFIER: st.integers(1, 268_435_455),
        Property.TOPIC_ALIAS: st.integers(1, 65_535),
        Property.USER_PROPERTY: st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4),
    },
)
WILLS = st.builds(Will, TEXT, st.binary(max_size=50), st.integers(0, 1), st.booleans(), PROPERTIES)
REQUESTS = st.builds(SubscriptionRequest, TEXT, st.integers(0, 2), st.booleans(), st.booleans(), st.integers(0, 2))
PUBLISHES = st.builds(
    Publish, TEXT, st.binary(max_size=300), st.just(0), st.booleans(), properties=PROPERTIES
) | st.builds(
    Publish, TEXT, st.binary(max_size=300), st.integers(1, 2), st.booleans(), st.booleans(), PACKET_ID, PROPERTIES
)
MQTT_5_PACKETS = st.one_of(
    PUBLISHES,
    st.builds(
        Connect,
        st.just(MQTT_5),
        TEXT,
        st.booleans(),
        st.integers(0, 65_535),
        st.none() | WILLS,
        st.none() | TEXT,
        st.none() | st.binary(max_size=20),
        PROPERTIES,
    ),
    st.builds(Connack, st.integers(0, 255), st.booleans(), PROPERTIES),
    st.builds(Puback, PACKET_ID, st.integers(0, 255), PROPERTIES),
    st.builds(Subscribe, PACKET_ID, st.lists(REQUESTS, min_size=1, max_size=4).map(tuple), PROPERTIES),
    st.builds(Suback, PACKET_ID, st.lists(st.integers(0, 255), max_size=4).map(tuple), PROPERTIES),
    st.builds(Unsubscribe, PACKET_ID, st.lists(TEXT, min_size=1, max_size=4).map(tuple), PROPERTIES),
    st.builds(Unsuback, PACKET_ID, st.lists(st.integers(0, 255), max_size=4).map(tuple), PROPERTIES),
    st.builds(Disconnect, st.integers(0, 255), PROPERTIES),
    st.just(Pingreq()),
    st.just(Pingresp()),
)


def decode(data: bytes, level: int = MQTT_3_1_1) -> list[Packet]:
    return list(Decoder(1_000_000, level).feed(data))


def refusal_of(data: bytes, level: int) -> str:
    """Return why bytes are refused, empty when they are not; any other exception is the test's failure."""
    try:
        decode(data, level)
    except PacketError as error:
        return str(error)
    return ""


@given(MQTT_5_PACKETS)
def test_mqtt_5_packet_survives_the_round_trip(packet: Packet) -> None:
    assert decode(encode(packet, MQTT_5), MQTT_5) == [packet]


@given(st.lists(MQTT_5_PACKETS, max_size=4), st.lists(st.integers(1, 40), max_size=40))
def test_packets_come_out_whole_however_they_are_cut(packets: list[Packet], cuts: list[int]) -> None:
    data, decoder, found = b"".join(encode(packet, MQTT_5) for packet in packets), Decoder(1_000_000, MQTT_5), []
    # A CONNECT among them keeps the level at 5.
    for size in [*cuts, len(data)]:
        found += list(decoder.feed(data[:size]))
        data = data[size:]

    assert found == packets


@pytest.mark.parametrize(
    ("packet", "expected"),
    [
        (Publish("a/b", b"", 1, packet_id=10), "32 07 00 03 61 2f 62 00 0a"),
        (
            Subscribe(10, (SubscriptionRequest("a/b", 1), SubscriptionRequest("c/d", 2))),
            "82 0e 00 0a 00 03 61 2f 62 01 00 03 63 2f 64 02",
        ),
        (Connect(4, "k", True, 10), "10 0d 00 04 4d 51 54 54 04 02 00 0a 00 01 6b"),
        (Connack(0), "20 02 00 00"),
        (Puback(10), "40 02 00 0a"),
        (Suback(10, (0, 1, 128)), "90 05 00 0a 00 01 80"),
        (Unsubscribe(10, ("a/b",)), "a2 07 00 0a 00 03 61 2f 62"),
        (Unsuback(10), "b0 02 00 0a"),
        (Pingreq(), "c0 00"),
        (Pingresp(), "d0 00"),
        (Disconnect(), "e0 00"),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_mqtt_3_bytes(packet: Packet, expected: str) -> None:
    """The examples of chapter 3 of the specification, put together by hand."""
    data = bytes.fromhex(expected)

    assert encode(packet) == data
    assert decode(data) == [packet]


@settings(max_examples=300)
@given(st.binary(max_size=200), st.sampled_from([MQTT_3_1_1, MQTT_5]))
def test_any_bytes_are_packets_or_refused(data: bytes, level: int) -> None:
    assert "\n" not in refusal_of(data, level)


@settings(max_examples=300)
@given(MQTT_5_PACKETS, st.data())
def test_spoilt_packet_is_a_packet_or_refused(packet: Packet, data: st.DataObject) -> None:
    spoilt = bytearray(encode(packet, MQTT_5))
    position = data.draw(st.integers(0, len(spoilt) - 1))
    spoilt[position] = data.draw(st.integers(0, 255))

    assert "\n" not in refusal_of(bytes(spoilt), MQTT_5)


@pytest.mark.slow
@settings(max_examples=20_000, deadline=None)
@given(st.binary(max_size=400), st.sampled_from([MQTT_3_1_1, MQTT_5]))
def test_any_bytes_at_length(data: bytes, level: int) -> None:
    assert "\n" not in refusal_of(data, level)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ("10 0c 00 06 4d 51 49 73 64 70 03 02 00 0a 00 00", Reason.UNSUPPORTED_PROTOCOL_VERSION),
        ("10 0c 00 04 4d 51 54 54 03 02 00 0a 00 00", Reason.UNSUPPORTED_PROTOCOL_VERSION),
        ("10 0c 00 04 4d 51 54 54 04 03 00 0a 00 00", Reason.MALFORMED_PACKET),
        ("10 0c 00 04 4d 51 54 54 04 12 00 0a 00 00", Reason.MALFORMED_PACKET),
        ("36 00", Reason.MALFORMED_PACKET),
        ("32 05 00 01 61 00 00", Reason.MALFORMED_PACKET),
        ("30 03 00 01 00", Reason.MALFORMED_PACKET),
        ("30 04 00 02 c3 28", Reason.MALFORMED_PACKET),
        ("80 06 00 01 00 01 61 00", Reason.MALFORMED_PACKET),
        ("82 02 00 01", Reason.PROTOCOL_ERROR),
        ("82 06 00 01 00 01 61 03", Reason.MALFORMED_PACKET),
        ("82 06 00 01 00 01 61 04", Reason.MALFORMED_PACKET),
        ("a2 02 00 01", Reason.PROTOCOL_ERROR),
        ("40 02 00 00", Reason.MALFORMED_PACKET),
        ("c0 01 00", Reason.MALFORMED_PACKET),
        ("00 00", Reason.MALFORMED_PACKET),
        ("30 ff ff ff ff 01", Reason.MALFORMED_PACKET),
        ("30 ff ff ff 7f", Reason.PACKET_TOO_LARGE),
    ],
)
def test_malformed_packet_is_refused_with_its_reason(data: str, reason: Reason) -> None:
    # What is cut short waits for more; here the frames are whole, or hopeless.
    whole = bytes.fromhex(data.replace("10 0c 00 06", "10 0e 00 06"))

    with pytest.raises(PacketError) as caught:
        decode(whole)

    assert caught.value.reason is reason


@pytest.mark.parametrize(
    "properties",
    ["01 01", "05 7f 00 00 00 00", "06 01 00 01 01 00 00", "03 26 00 01", "ff ff ff ff 7f"],
    ids=["half", "unknown", "twice", "cut", "endless length"],
)
def test_malformed_properties_are_refused(properties: str) -> None:
    body = bytes.fromhex("00 01 61" + properties)

    with pytest.raises(PacketError):
        decode(bytes([0x30, len(body)]) + body, MQTT_5)


def test_too_many_properties_are_refused() -> None:
    pairs = [("", "")] * 300

    with pytest.raises(PacketError, match="more than 256 properties"):
        decode(encode(Publish("a", b"", properties={Property.USER_PROPERTY: pairs}), MQTT_5), MQTT_5)


@pytest.mark.parametrize("kind", [PacketType.PUBREC, PacketType.PUBCOMP, PacketType.AUTH])
def test_packet_of_qos_2_or_auth_is_unsupported(kind: PacketType) -> None:
    assert decode(bytes([kind << 4, 2, 0, 1])) == [Unsupported(kind)]


def test_password_is_not_shown() -> None:
    assert "secret" not in repr(Connect(4, "k", clean_start=True, keep_alive_s=1, password=b"secret"))
