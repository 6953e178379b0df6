"""The meter counts what AWS bills and stops in time."""

import pytest

from kitbench.cloud.billing.meter import BudgetExceededError, Meter, projection_month, units_of
from kitbench.errors import KitError


class Clock:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(("size", "units"), [(0, 1), (1, 1), (5120, 1), (5121, 2), (10240, 2), (131072, 26)])
def test_unit_is_five_kilobytes_begun(size: int, units: int) -> None:
    assert units_of(size) == units


def test_counts_by_who_and_kind() -> None:
    meter = Meter()

    meter.connected("kit-1")
    meter.count("publish_in", 100)
    meter.count("publish_out", 6000, times=2)
    meter.count("puback", who="observer")

    reading = meter.reading()
    assert reading.units == {"kit connect": 1, "kit publish_in": 1, "kit publish_out": 4, "observer puback": 1}
    assert reading.total == 7


def test_stops_before_the_budget_is_exceeded_and_again_when_it_goes_on() -> None:
    clock, stops = Clock(), []
    meter = Meter(100, on_stop=lambda: stops.append(meter.reading().total), clock=clock)

    for _ in range(200):
        clock.now += 0.5
        meter.count("publish_in")

    assert stops[0] <= 100
    assert stops[:3] == [96, 98, 100], "once a second"


def test_fast_flood_is_stopped_with_room_for_the_reaction() -> None:
    """Control of the reserve: at 40 a second the run stops a second's worth before the end."""
    clock = Clock()
    meter = Meter(200, clock=clock)

    while not meter.stopped:
        clock.now += 0.025
        meter.count("publish_in")

    assert meter.reading().total + 40 <= 201


def test_check_blames_the_firmware_with_the_month() -> None:
    clock = Clock()
    meter = Meter(10, clock=clock)
    meter.check()
    for _ in range(10):
        clock.now += 3
        meter.count("publish_in")

    with pytest.raises(BudgetExceededError, match=r"at 10 of 10 messages after 27 s, 960,000 a month") as caught:
        meter.check()

    assert isinstance(caught.value, KitError)


def test_month_is_projected_from_the_kits_messages_only() -> None:
    """The stock sample: two out, two back, every 1.2 s: about 288,000 a day."""
    clock = Clock()
    meter = Meter(10**6, clock=clock)
    for _ in range(101):
        meter.count("publish_in", times=2)
        meter.count("publish_out", times=2)
        meter.count("publish_out", times=2, who="observer")
        clock.now += 1.2
    clock.now -= 1.2

    assert meter.reading().projection_month == pytest.approx(30 * 288_000, rel=0.02)
    assert projection_month(5, 0.0) == 0


def test_connection_minutes_run_until_the_client_goes() -> None:
    clock = Clock()
    meter = Meter(clock=clock)

    meter.connected("kit-1")
    clock.now += 90
    assert meter.reading().connection_minutes == 1.5
    meter.disconnected("kit-1")
    clock.now += 90

    assert meter.reading().connection_minutes == 1.5


def test_goodbye_without_hello_counts_nothing() -> None:
    meter = Meter()

    meter.disconnected("stranger")

    assert meter.reading().connection_minutes == 0


def test_kit_that_cannot_be_held_ends_the_run_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise OSError("the port is gone")

    meter = Meter(3, on_stop=fail)

    for _ in range(5):
        meter.count("publish_in")

    assert "could not be held" in caplog.text
    with pytest.raises(BudgetExceededError):
        meter.check()
