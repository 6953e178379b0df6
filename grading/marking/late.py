"""Late hand-ins: what a day costs, and who was how late. Pure.

[late]                                      # in the rubric
due = 2026-11-20T23:59:00+01:00
grace = 15                                  # minutes
percent_a_day = 10                          # of the rubric's points, for each day that has begun
latest = 2026-11-27T23:59:00+01:00          # later hand-ins get no points

The deduction is Canvas's "late submission deduction": a share of the points that are possible, never below 0.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from kitbench.toml_table import Field, check_table, is_number

from .points import rounded

#: How the remark on a deduction begins.
LATE_NOTE: Final = "handed in late"
_DAY: Final = timedelta(days=1)
#: Minutes: a week.
_GRACE_MAX: Final = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class LateRule:
    """What a rubric says of late hand-ins.

    Attributes:
        due: with a time zone.
        grace: minutes after `due` that cost nothing, and that no day is counted from.
        percent_a_day: of the possible points, for each day that has begun.
        latest: after it nothing counts; None for never.
    """

    due: datetime
    grace: float = 0.0
    percent_a_day: float = 0.0
    latest: datetime | None = None

    def days_late(self, handed_in: datetime, *, due: datetime | None = None) -> int:
        """Return how many days have begun since the hand-in was due; 0 within the grace.

        Args:
            handed_in: with a time zone.
            due: of a student with an extension.
        """
        late = handed_in - (due or self.due)
        return 0 if late <= timedelta(minutes=self.grace) else math.ceil(late / _DAY)

    def is_too_late(self, handed_in: datetime, *, due: datetime | None = None) -> bool:
        """Return whether nothing counts any more; an extension moves the latest time as well."""
        if self.latest is None:
            return False
        moved = timedelta() if due is None else max(due - self.due, timedelta())
        return handed_in > self.latest + moved + timedelta(minutes=self.grace)


@dataclass(frozen=True, slots=True)
class HandedIn:
    """When a student handed in.

    Attributes:
        at: with a time zone.
        due: until when it was due for this student; None for the rubric's time.
        stated_by: who says so, in words, where it is not the course; "" otherwise.
    """

    at: datetime
    due: datetime | None = None
    stated_by: str = ""


@dataclass(frozen=True, slots=True)
class Deduction:
    """Points that being late costs, infinitely many when nothing counts any more, and why in one line."""

    points: float
    words: str


def _up_to(most: float) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int | float) and is_number(value) and 0 <= value <= most


_TIME: Final = Field("date and time, as 2026-11-20T23:59:00+01:00", lambda value: isinstance(value, datetime))
_FIELDS: Final = {
    "due": replace(_TIME, needed=True),
    "grace": Field(f"a number of minutes, 0 to {_GRACE_MAX}", _up_to(_GRACE_MAX)),
    "percent_a_day": Field("a number, 0 to 100", _up_to(100)),
    "latest": _TIME,
}


def parse_late(table: Mapping[str, Any]) -> LateRule:
    """Return the rule that `[late]` states.

    Raises:
        ValueError: a key is missing, unknown or out of range.
    """
    check_table("[late]", table, _FIELDS)
    for name in ("due", "latest"):
        if name in table and table[name].tzinfo is None:
            raise ValueError(f"[late]: {name} has no time zone: write 2026-11-20T23:59:00+01:00")
    rule = LateRule(**table)
    if rule.latest is not None and rule.latest < rule.due:
        raise ValueError("[late]: latest is before due")
    return rule


def deduction(rule: LateRule, handed_in: HandedIn, possible: float) -> Deduction | None:
    """Return what being late costs, or None for a hand-in in time; `possible` are the rubric's points without bonus."""
    days = rule.days_late(handed_in.at, due=handed_in.due)
    if days == 0:
        return None
    points = rounded(possible * rule.percent_a_day / 100 * days)
    cost = f"-{points:g} point{'' if points == 1 else 's'} ({rule.percent_a_day:g} % of {possible:g} a day)"
    if rule.is_too_late(handed_in.at, due=handed_in.due):
        points, cost = math.inf, "after the latest time, so that nothing counts"
    when = handed_in.at.isoformat(sep=" ", timespec="minutes") + handed_in.stated_by
    return Deduction(points, f"{LATE_NOTE}: {when}, {days} day{'' if days == 1 else 's'} late: {cost}")
