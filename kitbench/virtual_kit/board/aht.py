"""AHT10 and AHT20, humidity and temperature on I2C; ASAIR's data sheets of both.

A measurement takes 80 ms. What is read meanwhile has the busy bit and the values from before, as on the chip.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

#: Bits of the status.
BUSY: Final = 0x80
CALIBRATED: Final = 0x08
MEASURE_US: Final = 80_000
#: After power-on and soft reset the part is deaf for as long.
RESET_US: Final = 20_000
_MEASURE: Final = bytes.fromhex("ac3300")
_SOFT_RESET: Final = b"\xba"
#: Humidity and temperature are fractions of 2^20.
_SCALE: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class AhtModel:
    """What tells the two apart: how they are initialised, what they say at first, and whether a CRC follows."""

    initialise: int
    is_calibrated: bool
    has_crc: bool


AHT10: Final = AhtModel(0xE1, is_calibrated=False, has_crc=False)
AHT20: Final = AhtModel(0xBE, is_calibrated=True, has_crc=True)
MODELS: Final = {"AHT10": AHT10, "AHT20": AHT20}


def crc8(data: bytes) -> int:
    """Return the AHT20's checksum: polynomial x^8 + x^5 + x^4 + 1, beginning with 0xFF."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc


def raw_values(temperature: float, humidity: float) -> bytes:
    """Return the five bytes of a measurement: 20 bits of humidity, 20 of temperature."""
    wet = min(max(round(humidity / 100 * _SCALE), 0), _SCALE - 1)
    warm = min(max(round((temperature + 50) / 200 * _SCALE), 0), _SCALE - 1)
    return (wet << 20 | warm).to_bytes(5)


class Aht:
    """A sensor on its bus; implements `I2cPart`.

    Args:
        measure: returns temperature in °C and humidity in % as they are when a measurement begins.
        is_fitted: whether it is plugged in.
    """

    def __init__(
        self, model: AhtModel, measure: Callable[[], tuple[float, float]], is_fitted: Callable[[], bool]
    ) -> None:
        self._model = model
        self._measure = measure
        self._is_fitted = is_fitted
        self._is_calibrated = model.is_calibrated
        self._before = self._values = bytes(5)
        self._busy_until_us = self._deaf_until_us = 0

    def forget_time(self) -> None:
        """Begin to count from 0: the kit's clock starts over, the sensor keeps its power."""
        self._busy_until_us = self._deaf_until_us = 0

    def acknowledges(self, now_us: int) -> bool:
        """Say whether the part answers: not while it is off or resets."""
        return self._is_fitted() and now_us >= self._deaf_until_us

    def write(self, data: bytes, now_us: int) -> None:
        """Take a command; one that the part does not know is acknowledged and does nothing."""
        if data[:1] == bytes((self._model.initialise,)) and len(data) == 3:
            self._is_calibrated = True
        elif data == _MEASURE and self._is_calibrated:
            self._before, self._values = self._read_values(now_us), raw_values(*self._measure())
            self._busy_until_us = now_us + MEASURE_US
        elif data == _SOFT_RESET:
            self._is_calibrated = self._model.is_calibrated
            self._before = self._values = bytes(5)
            self._deaf_until_us = now_us + RESET_US

    def reply(self, now_us: int) -> bytes:
        """Return status, measurement and, of an AHT20, the checksum over both."""
        status = (BUSY if now_us < self._busy_until_us else 0) | (CALIBRATED if self._is_calibrated else 0)
        content = bytes((0x10 | status,)) + self._read_values(now_us)
        return content + bytes((crc8(content),)) if self._model.has_crc else content

    def _read_values(self, now_us: int) -> bytes:
        return self._before if now_us < self._busy_until_us else self._values
