"""The RTC memory of a kit: what deep sleep keeps while the app is gone."""

from typing import Final

#: RTC slow memory of an ESP32; more than that does not link there.
SIZE: Final = 8192


class RtcMemory:
    """Kept from one run of an app to the next, where that one follows a deep sleep."""

    def __init__(self) -> None:
        self._content = b""

    def keep(self, content: bytes) -> None:
        """Take what the app that falls asleep has there."""
        self._content = content[:SIZE]

    def take(self) -> bytes:
        """Return it for the app that wakes up, once."""
        content, self._content = self._content, b""
        return content

    def lose(self) -> None:
        """Any other reset: the app begins with its initial values."""
        self._content = b""
