"""On-kit tests: each gets the firmware built, flashed and started; the cloud is AWS or a local IoT core."""

import json
import time

import pytest
from telemetry import parse_reading

from kitbench import (
    Endpoint,
    Observer,
    Presence,
    RunningKit,
    Thing,
    Verdict,
    VerdictOutcome,
    Wire,
    attempt,
)

WITHIN_S = 20.0


@pytest.fixture
def telemetry(running_kit: RunningKit, observer: Observer, thing: Thing):
    """Wait for the next reading and return it."""

    def wait(after: float):
        message = observer.wait_for(
            lambda m: m.topic == thing.topics.publish[0] and m.time > after,
            what="a reading",
            timeout_s=WITHIN_S,
            unless=running_kit.check,
        )
        return parse_reading(message.payload)

    return wait


def command(observer: Observer, thing: Thing, **values: int) -> None:
    """Send the node a command."""
    observer.publish(thing.topics.subscribe[0], json.dumps(values, separators=(",", ":")).encode())


def test_boots(running_kit: RunningKit):
    running_kit.expect_text("sensor node starts", within_s=WITHIN_S)


def test_telemetry_arrives_and_is_valid(connected_kit: Presence, telemetry):
    first = telemetry(connected_kit.time)
    second = telemetry(time.time())

    assert second.sequence > first.sequence
    assert second.uptime_ms > first.uptime_ms


def test_command_changes_what_the_serial_line_says(
    running_kit: RunningKit, connected_kit: Presence, observer: Observer, thing: Thing
):
    running_kit.expect_text("listening for commands", within_s=WITHIN_S)

    command(observer, thing, interval_ms=250)
    running_kit.expect_text("a reading every 250 ms", within_s=WITHIN_S)

    command(observer, thing, interval_ms=1)
    running_kit.expect_text("refused", within_s=WITHIN_S)


def test_survives_a_restart_of_the_broker(
    running_kit: RunningKit,
    connected_kit: Presence,
    observer: Observer,
    thing: Thing,
    cloud: Endpoint,
    wire: Wire,
    telemetry,
):
    telemetry(connected_kit.time)
    cut_at = time.time()
    if wire.relay is not None:
        wire.relay.cut()  # every connection ends at once, as when the broker restarts
    else:
        attempt(cloud, thing.identity)  # AWS ends the older of two connections with one client id

    again = observer.wait_for_presence(
        thing.client_id, "connected", timeout_s=WITHIN_S, after=cut_at, unless=running_kit.check
    )
    telemetry(again.time)


def test_private_key_lies_readable_in_flash(verdict: Verdict):
    # This node embeds its key. With flash encryption, or a secure element, expect VerdictOutcome.ABSENT.
    assert verdict.outcome is VerdictOutcome.FOUND, verdict.reason
