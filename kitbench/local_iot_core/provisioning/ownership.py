"""Tokens that prove whose a new certificate is, until it is registered or forgotten.

Source: AWS IoT Core developer guide, "Device provisioning MQTT API": tokens expire after an hour, and a certificate
that was not activated by then is deleted.
"""

import secrets
import threading
from collections.abc import Callable
from typing import Final

#: How long a token is good, in seconds.
LIFETIME_S: Final = 3600.0
#: Tokens kept at once; who asks for certificates in a loop may not fill the memory.
MOST: Final = 10_000


class OwnershipTokens:
    """Certificates that wait for their device to be registered.

    Args:
        clock: seconds, never going back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._waiting: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()

    @property
    def is_full(self) -> bool:
        """Whether no further certificate can wait."""
        return len(self._waiting) >= MOST

    def issue(self, certificate_id: str) -> str:
        """Return a token for a certificate."""
        token = secrets.token_hex(128)
        with self._lock:
            self._waiting[token] = (certificate_id, self._clock() + LIFETIME_S)
        return token

    def certificate_of(self, token: str) -> str | None:
        """Return the certificate that a token is for; None for one that is none, or no longer."""
        with self._lock:
            certificate_id, ends = self._waiting.get(token, ("", 0.0))
        return certificate_id if certificate_id and self._clock() < ends else None

    def take_expired(self) -> list[str]:
        """Forget the tokens that are no longer good; return the ids of their certificates."""
        with self._lock:
            expired = [token for token, (_, ends) in self._waiting.items() if self._clock() >= ends]
            return [self._waiting.pop(token)[0] for token in expired]
