"""Retained messages: the last one on each topic, for whoever subscribes later. Pure."""

from kitbench.local_iot_core.session import Message


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

    def find(self, topic: str, now_s: float) -> Message | None:
        """Return what a new subscriber of `topic` gets."""
        message = self._messages.get(topic)
        if message is not None and message.is_expired(now_s):
            del self._messages[topic]
            return None
        return message
