"""Lifecycle events. Source: AWS IoT Core developer guide, "Lifecycle events". Pure but for the time of day."""

import json
import time
from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from kitbench.local_iot_core.broker.session import Message


class DisconnectReason(StrEnum):
    """Values of `disconnectReason`."""

    AUTH_ERROR = "AUTH_ERROR"
    CLIENT_ERROR = "CLIENT_ERROR"
    CLIENT_INITIATED_DISCONNECT = "CLIENT_INITIATED_DISCONNECT"
    CONNECTION_LOST = "CONNECTION_LOST"
    DUPLICATE_CLIENTID = "DUPLICATE_CLIENTID"
    FORBIDDEN_ACCESS = "FORBIDDEN_ACCESS"
    MQTT_KEEP_ALIVE_TIMEOUT = "MQTT_KEEP_ALIVE_TIMEOUT"
    SERVER_ERROR = "SERVER_ERROR"
    SERVER_INITIATED_DISCONNECT = "SERVER_INITIATED_DISCONNECT"
    THROTTLED = "THROTTLED"


#: The one way of ending after which the last will is not sent.
SILENT: Final = frozenset({DisconnectReason.CLIENT_INITIATED_DISCONNECT})


def wall_clock_ms() -> int:
    """Return the time of day as AWS's events carry it, in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def connected(client_id: str, **common: str | int) -> Message | None:
    """Return the event of a connection; None where AWS sends none."""
    return _event("presence/connected", client_id, {"eventType": "connected", **common})


def disconnected(client_id: str, reason: DisconnectReason, **common: str | int) -> Message | None:
    """Return the event of a connection's end."""
    details: dict[str, object] = {
        "eventType": "disconnected",
        "clientInitiatedDisconnect": reason is DisconnectReason.CLIENT_INITIATED_DISCONNECT,
        "disconnectReason": reason,
    }
    return _event("presence/disconnected", client_id, details | common)


def subscribed(client_id: str, topics: Iterable[str], *, ends: bool = False, **common: str | int) -> Message | None:
    """Return the event of a SUBSCRIBE, or with `ends` of an UNSUBSCRIBE."""
    kind = "unsubscribed" if ends else "subscribed"
    return _event(f"subscriptions/{kind}", client_id, {"eventType": kind, "topics": list(topics), **common})


def _event(kind: str, client_id: str, details: dict[str, object]) -> Message | None:
    # "Client IDs that contain # or + do not receive lifecycle events."
    if set("#+") & set(client_id):
        return None
    payload = json.dumps({"clientId": client_id, **details}, separators=(",", ":")).encode()
    return Message(f"$aws/events/{kind}/{client_id}", payload)
