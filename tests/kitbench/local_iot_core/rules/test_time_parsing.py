"""Texts are read as Java's patterns say; the first three are AWS's own examples of `time_to_epoch`."""

from datetime import UTC, datetime

import pytest

from kitbench.local_iot_core.rules.time_format import TimeFormatError
from kitbench.local_iot_core.rules.time_parsing import compiled_pattern, moment_of


@pytest.mark.parametrize(
    ("text", "pattern", "milliseconds"),
    [
        ("2020-04-03 09:45:18 UTC+01:00", "yyyy-MM-dd HH:mm:ss VV", 1585903518000),
        ("18 December 2015", "dd MMMM yyyy", 1450396800000),
        ("2007-12-03 10:15:30.592 America/Los_Angeles", "yyyy-MM-dd HH:mm:ss.SSS z", 1196705730592),
        ("2024-02-29T23:59:59Z", "yyyy-MM-dd'T'HH:mm:ssX", 1709251199000),
        ("2024-02-29T23:59:59+05:30", "yyyy-MM-dd'T'HH:mm:ssXXX", 1709231399000),
        ("29.2.24 1:05 pm", "d.M.yy h:mm a", 1709211900000),
        ("29.2.24 12:05 AM", "d.M.yy h:mm a", 1709165100000),
        ("Thu, 29 Feb 2024", "EEE, d MMM yyyy", 1709164800000),
    ],
)
def test_text_is_read_as_its_pattern_says(text: str, pattern: str, milliseconds: int) -> None:
    assert round(moment_of(text, pattern).timestamp() * 1000) == milliseconds


def test_date_without_time_and_zone_is_midnight_of_utc() -> None:
    assert moment_of("2024-03-09", "yyyy-MM-dd") == datetime(2024, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("2024-3-09", "yyyy-MM-dd"),
        ("2023-02-29", "yyyy-MM-dd"),
        ("2024-03-09 ", "yyyy-MM-dd"),
        ("9 Brumaire 2024", "d MMMM yyyy"),
        ("2024 Mars/Olympus", "yyyy VV"),
        ("12:00", "HH:mm"),
        ("2024" + " " * 200, "yyyy"),
    ],
)
def test_text_that_is_otherwise_is_no_date(text: str, pattern: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        moment_of(text, pattern)


@pytest.mark.parametrize("pattern", ["yyyy Q", "yyyy yyyy", "y-" * 41])
def test_pattern_that_is_not_modelled_is_refused(pattern: str) -> None:
    with pytest.raises(TimeFormatError):
        compiled_pattern(pattern)
