"""The kit's clocks: real time since boot, run faster by the clock factor. All that firmware can tell time by agree."""

import time


class Clock:
    """Simulated time for `vTaskDelay`, timers and timestamps; network time-outs do not use it."""

    def __init__(self, factor: float) -> None:
        self._factor = factor
        self._start = time.monotonic()
        self._booted_us = time.time_ns() // 1000

    def now_us(self) -> int:
        """Microseconds of simulated time since boot."""
        return int((time.monotonic() - self._start) * self._factor * 1_000_000)

    def wall_us(self) -> int:
        """Microseconds since 1970: right at boot, and from then on as fast as the kit's other clocks."""
        return self._booted_us + self.now_us()

    def real_us(self) -> int:
        """Microseconds of real time since boot, for the network's time-outs."""
        return int((time.monotonic() - self._start) * 1_000_000)

    def real_seconds(self, simulated_us: int) -> float | None:
        """Return how long a simulated duration takes; None (for ever) where it is negative."""
        return None if simulated_us < 0 else simulated_us / 1_000_000 / self._factor
