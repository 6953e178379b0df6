"""Retained messages: the last one on each topic, for whoever subscribes later. Pure but for the time of day."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from kitbench.local_iot_core.broker.session import Message


@dataclass(frozen=True, slots=True)
class Retained:
    """A retained message, and when it was kept, in milliseconds since 1970."""

    message: Message
    kept_ms: int


class RetainedMessages:
    """At most `most` messages by topic; beyond that new topics are not retained."""

    def __init__(self, most: int, wall_clock: Callable[[], float] = time.time) -> None:
        self._most = most
        self._wall_clock = wall_clock
        self._kept: dict[str, Retained] = {}

    def keep(self, message: Message) -> bool:
        """Retain a message, or with an empty payload drop the one on its topic; return False when there is no room."""
        if not message.payload:
            self._kept.pop(message.topic, None)
            return True
        if message.topic not in self._kept and len(self._kept) >= self._most:
            return False
        self._kept[message.topic] = Retained(message, int(self._wall_clock() * 1000))
        return True

    def find(self, topic: str, now_s: float) -> Message | None:
        """Return what a new subscriber of `topic` gets."""
        entry = self.entry(topic, now_s)
        return None if entry is None else entry.message

    def entry(self, topic: str, now_s: float) -> Retained | None:
        """Return what is retained on `topic`."""
        entry = self._kept.get(topic)
        if entry is not None and entry.message.is_expired(now_s):
            del self._kept[topic]
            return None
        return entry

    def entries(self, now_s: float) -> list[Retained]:
        """Return all that is retained, by topic."""
        found = (self.entry(topic, now_s) for topic in sorted(self._kept))
        return [entry for entry in found if entry is not None]
