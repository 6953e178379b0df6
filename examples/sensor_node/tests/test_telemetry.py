"""Unit tests: they need no kit, and run on every machine."""

import pytest
from telemetry import Reading, parse_reading


def test_reading_is_parsed():
    payload = b'{"sequence":1,"uptime_ms":2500,"temperature_c":20.37}'

    assert parse_reading(payload) == Reading(1, 2500, 20.37)


@pytest.mark.parametrize(
    "payload",
    [
        b"hello",
        b"[]",
        b'{"sequence":1}',
        b'{"sequence":0,"uptime_ms":0,"temperature_c":20}',
        b'{"sequence":1,"uptime_ms":0,"temperature_c":700}',
    ],
)
def test_anything_else_is_refused(payload):
    with pytest.raises(ValueError):
        parse_reading(payload)
