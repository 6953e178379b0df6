"""How many messages AWS would bill. Pure.

Source: https://aws.amazon.com/iot-core/pricing/: each 5 KB begun, in and out, with CONNECT, SUBSCRIBE and PUBACK of
clients; PING is free.
"""

from collections import Counter
from typing import Final

#: Bytes that AWS bills as one message.
UNIT_SIZE: Final = 5 * 1024


class BilledMessages:
    """Counts by kind: ``"connect"``, ``"subscribe"``, ``"publish_in"``, ``"publish_out"``, ``"puback"``."""

    def __init__(self) -> None:
        self.by_kind: Counter[str] = Counter()

    def count(self, kind: str, size: int = 0) -> None:
        """Count one packet with a payload of `size` bytes."""
        self.by_kind[kind] += max(1, -(-size // UNIT_SIZE))
