"""Joda-Time's patterns give Joda-Time's texts, and unknown letters are refused."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from kitbench.local_iot_core.rules.time_format import TimeFormatError, strftime_pattern

MOMENT = datetime(2024, 3, 9, 15, 4, 5, 67_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSS", "2024-03-09T15:04:05.067"),
        ("yy.M.d", "24.3.9"),
        ("MMM MMMM", "Mar March"),
        ("EEE EEEE e", "Sat Saturday 6"),
        ("h:mm a", "3:04 PM"),
        ("DDD", "069"),
        ("z Z ZZ", "UTC +0000 +00:00"),
        ("'o''clock' ''", "o'clock '"),
        ("yyyy G", "2024 AD"),
        ("", ""),
    ],
)
def test_pattern(pattern: str, text: str) -> None:
    assert strftime_pattern(pattern, MOMENT) == text


def test_midnight_is_twelve_on_a_clock_of_twelve_hours() -> None:
    assert strftime_pattern("hh a", MOMENT.replace(hour=0)) == "12 AM"


def test_offset_of_a_zone_west_of_greenwich() -> None:
    there = MOMENT.astimezone(timezone(-timedelta(hours=3, minutes=30)))

    assert strftime_pattern("ZZ", there) == "-03:30"


@pytest.mark.parametrize("pattern", ["C", "yyyy x", "qqq"])
def test_letter_that_is_not_modelled_is_named(pattern: str) -> None:
    with pytest.raises(TimeFormatError, match=rf"letter '{pattern[-1]}' .* not modelled"):
        strftime_pattern(pattern, MOMENT)
