"""Late hand-ins: days, grace, extensions, the latest time, and what is no rule."""

import tomllib
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from grading.marking.late import HandedIn, LateRule, deduction, parse_late

ZONE = timezone(timedelta(hours=1))
DUE = datetime(2026, 11, 20, 23, 59, tzinfo=ZONE)
RULE = LateRule(DUE, grace=15, percent_a_day=10, latest=DUE + timedelta(days=7))


def points(late: timedelta, *, rule: LateRule = RULE, due: datetime | None = None) -> float:
    found = deduction(rule, HandedIn(DUE + late, due), 4.0)
    return 0 if found is None else found.points


@pytest.mark.parametrize(
    ("late", "lost"),
    [
        (timedelta(days=-3), 0),
        (timedelta(0), 0),
        (timedelta(minutes=15), 0),
        (timedelta(minutes=15, seconds=1), 0.4),
        (timedelta(days=1), 0.4),
        (timedelta(days=1, seconds=1), 0.8),
        (timedelta(days=7), 2.8),
        (timedelta(days=7, minutes=15), 3.2),
        (timedelta(days=7, minutes=16), float("inf")),
    ],
)
def test_each_day_that_has_begun_costs_its_share(late: timedelta, lost: float) -> None:
    assert points(late) == pytest.approx(lost)


def test_extension_moves_both_times() -> None:
    extended = DUE + timedelta(days=3)

    assert points(timedelta(days=3), due=extended) == 0
    assert points(timedelta(days=4), due=extended) == pytest.approx(0.4)
    assert points(timedelta(days=10), due=extended) == pytest.approx(2.8)
    assert points(timedelta(days=11), due=extended) == float("inf")


def test_times_of_two_zones_are_compared_as_instants() -> None:
    same = DUE.astimezone(UTC)

    assert deduction(RULE, HandedIn(same), 4.0) is None


def test_words_say_when_how_late_and_what_it_costs() -> None:
    late = deduction(RULE, HandedIn(DUE + timedelta(days=2), stated_by=" by its own time"), 4.0)

    assert late is not None
    assert late.words == (
        "handed in late: 2026-11-22 23:59+01:00 by its own time, 2 days late: -0.8 points (10 % of 4 a day)"
    )


def test_rule_is_read_from_toml() -> None:
    table = tomllib.loads("due = 2026-11-20T23:59:00+01:00\ngrace = 15\npercent_a_day = 10\n")

    assert parse_late(table) == LateRule(DUE, grace=15, percent_a_day=10)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"due": datetime(2026, 11, 20)}, "no time zone"),  # noqa: DTZ001 - that is what is refused
        ({"due": "tomorrow"}, "expected date and time"),
        ({"percent_a_day": 101}, "expected a number, 0 to 100"),
        ({"percent_a_day": True}, "is true, expected a number"),
        ({"grace": -1}, "a number of minutes, 0 to 10080"),
        ({"latest": DUE - timedelta(days=1)}, "latest is before due"),
        ({"percent_per_day": 10}, "did you mean 'percent_a_day'"),
    ],
)
def test_what_is_no_rule_is_refused_in_words(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_late({"due": DUE} | changes)


def test_rule_without_due_is_refused() -> None:
    with pytest.raises(ValueError, match="has no 'due'"):
        parse_late({})
