"""A token bucket: how long must the next piece wait?"""

import time
from collections.abc import Callable


class RateLimit:
    """Lets `burst` units through at once and `per_second` in the long run. One thread at a time."""

    def __init__(self, per_second: float, burst: float, now: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._now = now
        self._tokens = burst
        self._seen = now()

    def delay_for(self, units: float) -> float:
        """Take `units` and return the seconds to wait before they may pass."""
        self._refill()
        self._tokens -= units
        return max(0.0, -self._tokens / self._per_second)

    def allows(self, units: float = 1) -> bool:
        """Take `units` if they may pass at once."""
        self._refill()
        if self._tokens < units:
            return False
        self._tokens -= units
        return True

    def _refill(self) -> None:
        now = self._now()
        self._tokens = min(self._burst, self._tokens + (now - self._seen) * self._per_second)
        self._seen = now
