"""Bytes of packets, put together by hand from chapter 3 of both specifications."""

from typing import Any

import pytest

from kitbench.local_iot_core.mqtt.mqtt_encoder import encode
from kitbench.local_iot_core.mqtt.mqtt_packets import (
    MQTT_3_1_1,
    MQTT_5,
    Connect,
    Disconnect,
    Packet,
    PacketType,
    Puback,
    Publish,
    Unsuback,
    Unsupported,
    Will,
)
from kitbench.local_iot_core.mqtt.mqtt_properties import Property


@pytest.mark.parametrize(
    ("packet", "level", "expected"),
    [
        (Publish("a", b"x", 1, retain=True, duplicate=True, packet_id=1), MQTT_3_1_1, "3b 06 00 01 61 00 01 78"),
        (Publish("a", b"x"), MQTT_5, "30 05 00 01 61 00 78"),
        (Unsuback(10, (17,)), MQTT_3_1_1, "b0 02 00 0a"),
        (Unsuback(10, (17,)), MQTT_5, "b0 04 00 0a 00 11"),
        (Puback(1, 0x97), MQTT_3_1_1, "40 02 00 01"),
        (Puback(1, 0x97), MQTT_5, "40 03 00 01 97"),
        (Disconnect(0x8E, {Property.REASON_STRING: "x"}), MQTT_5, "e0 06 8e 04 1f 00 01 78"),
    ],
)
def test_level_decides_what_is_written(packet: Packet, level: int, expected: str) -> None:
    assert encode(packet, level) == bytes.fromhex(expected)


def test_connect_says_by_its_flags_what_follows() -> None:
    will = Will("w", b"gone", qos=1, retain=True)
    packet = Connect(4, "k", clean_start=False, keep_alive_s=60, will=will, user_name="u", password=b"p")

    data = encode(packet)

    assert data[9] == 0b1110_1100
    assert data[12:] == bytes.fromhex("00 01 6b 00 01 77 00 04") + b"gone" + bytes.fromhex("00 01 75 00 01 70")


@pytest.mark.parametrize("size", [0, 127 - 3, 128 - 3, 20_000])
def test_length_is_that_of_what_follows(size: int) -> None:
    data = encode(Publish("a", bytes(size)))
    digits = 2 if size + 3 > 127 else 1
    digits = 3 if size + 3 > 16_383 else digits

    assert len(data) == 1 + digits + 3 + size


def test_packet_that_a_server_never_sends_is_refused() -> None:
    packet: Any = Unsupported(PacketType.AUTH)

    with pytest.raises(ValueError, match="Unsupported is never sent"):
        encode(packet)
