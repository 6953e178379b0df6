"""DHT22 (AM2302), humidity and temperature on one wire; Aosong's data sheet.

The host pulls the wire low for 0.8 ms at least and lets go; the sensor answers by levels of certain lengths.
"""

from collections.abc import Callable
from typing import Final

#: The shortest start signal that wakes the sensor, in microseconds.
START_US: Final = 800
#: The sensor measures every two seconds; asked sooner, it sends what it measured last.
PERIOD_US: Final = 2_000_000
#: From letting go to the answer, its low and its high, in microseconds.
_ANSWER_US: Final = (30, 80, 80)
_BIT_LOW_US: Final = 50
_BIT_HIGH_US: Final = (26, 70)
_END_US: Final = 50


def frame(temperature: float, humidity: float) -> bytes:
    """Return the five bytes of an answer: humidity, temperature (a sign and tenths), and their sum."""
    tenths = round(abs(temperature) * 10)
    sign = 0x8000 if temperature < 0 and tenths else 0
    content = round(humidity * 10).to_bytes(2) + (sign | tenths).to_bytes(2)
    return content + bytes((sum(content) & 0xFF,))


def waveform(content: bytes) -> tuple[int, ...]:
    """Return how long each level lasts in microseconds, the first one high, in turn; then the wire stays high."""
    durations = list(_ANSWER_US)
    for byte in content:
        for shift in range(7, -1, -1):
            durations += (_BIT_LOW_US, _BIT_HIGH_US[byte >> shift & 1])
    return (*durations, _END_US)


class Dht22:
    """A sensor on its wire.

    Args:
        measure: returns temperature in °C and humidity in % as they are.
        is_fitted: whether it is plugged in.
    """

    def __init__(self, measure: Callable[[], tuple[float, float]], is_fitted: Callable[[], bool]) -> None:
        self._measure = measure
        self._is_fitted = is_fitted
        self._measured_us: int | None = None
        self._content = b""

    def forget_time(self) -> None:
        """Begin to count from 0: the kit's clock starts over."""
        self._measured_us = None

    def answer(self, low_us: int, now_us: int) -> tuple[int, ...]:
        """Return the answer to a wire that was low for so long and was let go now; nothing where it is none."""
        if not self._is_fitted() or low_us < START_US:
            return ()
        if self._measured_us is None or now_us - self._measured_us >= PERIOD_US:
            self._measured_us, self._content = now_us, frame(*self._measure())
        return waveform(self._content)
