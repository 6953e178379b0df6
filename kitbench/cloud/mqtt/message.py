"""What the observer saw: messages, and clients that came and went."""

import base64
import json
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """One message as the broker delivered it to the observer.

    Attributes:
        time: of arrival at the bench, in seconds since 1970.
        topic: exact.
        payload: raw bytes.
        qos: 0 or 1, as delivered.
        client_id: who published it, where that is certain; AWS does not tell subscribers.
        retained: it was stored before the observer subscribed.
        duplicate: the broker says that it may have been delivered before.
    """

    time: float
    topic: str
    payload: bytes
    qos: int
    client_id: str | None = None
    retained: bool = False
    duplicate: bool = False

    @property
    def text(self) -> str:
        """The payload as text; what is not UTF-8 shows as replacement characters."""
        return self.payload.decode(errors="replace")

    def to_json(self) -> dict[str, Any]:
        """Return it for the evidence file: payload as text, or as base64 when it is not UTF-8."""
        try:
            payload = {"payload": self.payload.decode()}
        except UnicodeDecodeError:
            payload = {"payload_base64": base64.b64encode(self.payload).decode()}
        flags = {"retained": self.retained, "duplicate": self.duplicate}
        return {
            "time": self.time,
            "topic": self.topic,
            **payload,
            "qos": self.qos,
            "client_id": self.client_id,
            **flags,
        }


@dataclass(frozen=True, slots=True)
class Presence:
    """A client came, went or was not let in, as the broker tells on `$aws/events/presence/…`.

    Source: https://docs.aws.amazon.com/iot/latest/developerguide/life-cycle-events.html

    Attributes:
        time: of arrival at the bench, in seconds since 1970.
        event: ``"connected"``, ``"disconnected"`` or ``"connect_failed"``.
        client_id: of the client.
        principal: id of the certificate it came with.
        reason: of a disconnection, such as ``"CLIENT_INITIATED_DISCONNECT"`` or ``"DUPLICATE_CLIENTID"``, or of
            a failure, such as ``"AUTHORIZATION_FAILED"``; else empty.
    """

    time: float
    event: str
    client_id: str
    principal: str
    reason: str = ""


def parse_presence(message: Message) -> Presence | None:
    """Return what a message on a presence topic says, or None when it says nothing of the kind."""
    if not message.topic.startswith("$aws/events/presence/"):
        return None
    try:
        event = json.loads(message.payload)
        return Presence(
            message.time,
            str(event["eventType"]),
            str(event["clientId"]),
            str(event.get("principalIdentifier", "")),
            str(event.get("disconnectReason", event.get("reason", ""))),
        )
    except (ValueError, KeyError, TypeError):
        return None
