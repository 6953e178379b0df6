"""What happened at the message broker, and why: the record that a client's hang-up does not give."""

import collections
import contextlib
import datetime as dt
import json
import threading
from enum import StrEnum
from pathlib import Path
from typing import Final, TextIO, TypeAlias

Field: TypeAlias = str | int | float | bool | None


class EventKind(StrEnum):
    """What an event is about."""

    STARTED = "started"
    TLS_REFUSED = "tls_refused"
    CONNECT_REFUSED = "connect_refused"
    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    SUBSCRIBE_REFUSED = "subscribe_refused"
    PUBLISHED = "published"
    PUBLISH_REFUSED = "publish_refused"
    DELIVERY_REFUSED = "delivery_refused"
    DISCARDED = "discarded"
    CONTROL_PLANE = "control_plane"
    REQUEST_REJECTED = "request_rejected"
    RULE_RAN = "rule_ran"
    RULE_FAILED = "rule_failed"
    STOPPED = "stopped"


class EventLog:
    """Events as JSON lines in a file, and the latest in memory.

    Args:
        path: of the file, which is replaced; None keeps events in memory only.
        maximum_size: bytes; a flood of messages must not fill the disk, so that nothing is written beyond it.
    """

    REMEMBERED: Final = 10_000

    def __init__(self, path: Path | None = None, maximum_size: int = 256 * 1024 * 1024) -> None:
        self.latest: collections.deque[dict[str, Field]] = collections.deque(maxlen=self.REMEMBERED)
        self._file: TextIO | None = None if path is None else path.open("w", encoding="utf-8", buffering=1)
        self._room = maximum_size
        self._lock = threading.Lock()

    def record(self, kind: EventKind, **fields: Field) -> None:
        """Record one event; `reason` among the fields says why, in one line."""
        event: dict[str, Field] = {"time": dt.datetime.now(dt.UTC).isoformat(), "event": kind, **fields}
        with self._lock:
            self.latest.append(event)
            self._write(event)

    def of(self, kind: EventKind) -> list[dict[str, Field]]:
        """Return the remembered events of a kind, oldest first."""
        with self._lock:
            return [event for event in self.latest if event["event"] == kind]

    def close(self) -> None:
        """Close the file that events are written to."""
        with self._lock:
            if self._file is not None:
                with contextlib.suppress(OSError):  # what a full disk did not take
                    self._file.close()
                self._file = None

    def _write(self, event: dict[str, Field]) -> None:
        if self._file is None or self._room <= 0:
            return
        line = json.dumps(event) + "\n"
        self._room -= len(line)
        try:
            self._file.write(line if self._room > 0 else json.dumps({"event": "truncated"}) + "\n")
        except OSError:
            # A full disk ends the record, not the clients' connections.
            self._room = 0
