"""What a reading of the sensor node looks like."""

import json
from dataclasses import dataclass


@dataclass(frozen=True)
class Reading:
    """One reading: its number since the start, the time since then, and degrees Celsius."""

    sequence: int
    uptime_ms: int
    temperature_c: float


def parse_reading(payload: bytes) -> Reading:
    """Return the reading; raise ValueError where the payload is none."""
    values = json.loads(payload)
    if not isinstance(values, dict) or set(values) != {"sequence", "uptime_ms", "temperature_c"}:
        raise ValueError(f"no reading: {payload!r}")
    reading = Reading(int(values["sequence"]), int(values["uptime_ms"]), float(values["temperature_c"]))
    if reading.sequence < 1 or reading.uptime_ms < 0 or not -40 <= reading.temperature_c <= 125:
        raise ValueError(f"out of range: {reading}")
    return reading
