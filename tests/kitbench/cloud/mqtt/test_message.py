"""Messages become evidence; presence events are read with suspicion."""

import base64
import json

import pytest

from kitbench.cloud.mqtt.message import Message, Presence, parse_presence

_TOPIC = "$aws/events/presence/disconnected/kit-1"
_EVENT = {
    "clientId": "kit-1",
    "eventType": "disconnected",
    "principalIdentifier": "ab" * 32,
    "disconnectReason": "DUPLICATE_CLIENTID",
}


def test_presence_event_is_read() -> None:
    message = Message(5.0, _TOPIC, json.dumps(_EVENT).encode(), 0)

    assert parse_presence(message) == Presence(5.0, "disconnected", "kit-1", "ab" * 32, "DUPLICATE_CLIENTID")


def test_client_that_was_not_let_in_is_told_with_the_reason() -> None:
    event = {"clientId": "kit-1", "timestamp": 1, "eventType": "connect_failed", "reason": "AUTHORIZATION_FAILED"}
    message = Message(5.0, "$aws/events/presence/connect_failed/kit-1", json.dumps(event).encode(), 0)

    assert parse_presence(message) == Presence(5.0, "connect_failed", "kit-1", "", "AUTHORIZATION_FAILED")


@pytest.mark.parametrize("payload", [b"", b"[]", b"{}", b"\xff", b'{"clientId": "kit-1"}', b"1"])
def test_garbage_on_a_presence_topic_is_no_event(payload: bytes) -> None:
    assert parse_presence(Message(5.0, _TOPIC, payload, 0)) is None


def test_event_on_another_topic_is_no_event() -> None:
    assert parse_presence(Message(5.0, "test", json.dumps(_EVENT).encode(), 0)) is None


def test_binary_payload_goes_into_the_evidence_whole() -> None:
    entry = Message(5.0, "t", b"\xff\x00", 1).to_json()

    assert base64.b64decode(entry["payload_base64"]) == b"\xff\x00"
    assert "payload" not in entry


def test_text_payload_stays_readable() -> None:
    assert Message(5.0, "t", "grüß".encode(), 1, "kit-1").to_json()["payload"] == "grüß"
