"""Retained messages: the last one on each topic, for whoever subscribes later. Pure."""

from collections.abc import Iterator

from kitbench.local_iot_core.session import Message
from kitbench.local_iot_core.topic import matches


class RetainedMessages:
    """At most `most` messages by topic; beyond that new topics are not retained."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._messages: dict[str, Message] = {}

    def keep(self, message: Message) -> bool:
        """Retain a message, or with an empty payload drop the one on its topic; return False when there is no room."""
        if not message.payload:
            self._messages.pop(message.topic, None)
            return True
        if message.topic not in self._messages and len(self._messages) >= self._most:
            return False
        self._messages[message.topic] = message
        return True

    def find(self, topic_filter: str, now_s: float) -> Iterator[Message]:
        """Yield what a new subscriber of `topic_filter` gets."""
        for topic, message in list(self._messages.items()):
            if message.is_expired(now_s):
                del self._messages[topic]
            elif matches(topic_filter, topic):
                yield message
