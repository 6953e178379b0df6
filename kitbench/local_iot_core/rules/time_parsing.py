"""A text that a pattern describes, as a moment: `time_to_epoch`. Pure.

Source: AWS IoT Core developer guide, "time_to_epoch(String, String)", whose patterns are those of Java's
`DateTimeFormatter`. A time without a zone is UTC, a date without a time begins at midnight. Names of months and days
are English; of zones their ids and offsets are read, and no abbreviations such as PST.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kitbench.local_iot_core.rules.time_format import TimeFormatError, parts_of

_MONTHS: Final = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_ZONE: Final = r"(?:(?:UTC|GMT|UT)?[+-]\d{1,2}(?::?\d{2})?|[A-Za-z][A-Za-z0-9_+\-]*(?:/[A-Za-z0-9_+\-]+){0,2})"
_OFFSET: Final = re.compile(r"(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?")
#: Letters of numbers → what they are; of one letter a number may have any width, of more it has theirs.
_NUMBERS: Final[Mapping[str, str]] = {"d": "day", "H": "hour", "h": "hour12", "m": "minute", "s": "second"}
#: A pattern that has more parts is none of a date.
_MOST_PARTS: Final = 40
#: A text that is longer is none of a date.
_LONGEST: Final = 100


def moment_of(text: str, pattern: str) -> datetime:
    """Return the moment in a text.

    Raises:
        TimeFormatError: the pattern has a letter that is not modelled.
        ValueError: the text is not as the pattern says, or is no date.
    """
    names, expression = compiled_pattern(pattern)
    match = expression.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError("text is not as its pattern says")
    found = dict(zip(names, match.groups(), strict=True))
    date = (_year(found), _month(found), int(found.get("day", 1)))
    clock = (_hour(found), int(found.get("minute", 0)), int(found.get("second", 0)))
    microsecond = int(found.get("fraction", "0")[:6].ljust(6, "0"))
    return datetime(*date, *clock, microsecond, tzinfo=_zone(found.get("zone", "Z")))


def compiled_pattern(pattern: str) -> tuple[list[str], re.Pattern[str]]:
    """Return the names of what a pattern holds, in order, and the expression that finds them.

    Raises:
        TimeFormatError: the pattern has a letter that is not modelled, or one twice.
    """
    names: list[str] = []
    expression = ""
    for number, (letter, text) in enumerate(parts_of(pattern)):
        if number >= _MOST_PARTS:
            raise TimeFormatError(f"pattern of time has more than {_MOST_PARTS} parts")
        if not letter:
            expression += re.escape(text)
            continue
        name, part = _read(letter, len(text))
        if name in names:
            raise TimeFormatError(f"letter {letter!r} stands twice in a pattern of time")
        names.append(name)
        expression += f"({part})"
    return names, re.compile(expression, re.ASCII | re.IGNORECASE)


def _read(letter: str, width: int) -> tuple[str, str]:
    """Return the name of what a letter stands for, and the expression that finds it."""
    if letter in _NUMBERS:
        return _NUMBERS[letter], r"\d{1,2}" if width == 1 else rf"\d{{{min(width, 9)}}}"
    known = _READ.get(letter)
    if known is None:
        raise TimeFormatError(f"letter {letter!r} of a pattern of time is not modelled")
    return known(width)


_READ: Final[Mapping[str, Callable[[int], tuple[str, str]]]] = {
    "y": lambda width: ("year2", r"\d{2}") if width == 2 else ("year", r"\d{4}"),
    "u": lambda width: ("year2", r"\d{2}") if width == 2 else ("year", r"\d{4}"),
    "M": lambda width: ("month", r"\d{1,2}" if width == 1 else r"\d{2}") if width < 3 else ("month_name", "[A-Za-z]+"),
    "L": lambda width: ("month", r"\d{1,2}" if width == 1 else r"\d{2}") if width < 3 else ("month_name", "[A-Za-z]+"),
    "E": lambda width: ("day_name", "|".join(day[:3] if width < 4 else day for day in _DAYS)),
    "a": lambda _width: ("half", "AM|PM"),
    "S": lambda width: ("fraction", rf"\d{{{min(width, 9)}}}"),
    "V": lambda _width: ("zone", _ZONE),
    "z": lambda _width: ("zone", _ZONE),
    "X": lambda _width: ("zone", r"Z|[+-]\d{2}(?::?\d{2})?"),
    "x": lambda _width: ("zone", r"[+-]\d{2}(?::?\d{2})?"),
    "Z": lambda _width: ("zone", r"[+-]\d{2}:?\d{2}"),
}


def _year(found: Mapping[str, str]) -> int:
    if "year2" in found:
        return 2000 + int(found["year2"])
    if "year" not in found:
        raise ValueError("no year")
    return int(found["year"])


def _month(found: Mapping[str, str]) -> int:
    if "month_name" not in found:
        return int(found.get("month", 1))
    name = found["month_name"].capitalize()
    numbers = {text: number for number, month in enumerate(_MONTHS, 1) for text in (month, month[:3])}
    if name not in numbers:
        raise ValueError("no month of this name")
    return numbers[name]


def _hour(found: Mapping[str, str]) -> int:
    if "hour12" not in found:
        return int(found.get("hour", 0))
    return int(found["hour12"]) % 12 + (12 if found.get("half", "").upper() == "PM" else 0)


def _zone(text: str) -> tzinfo:
    if text.upper() in {"Z", "UTC", "GMT", "UT"}:
        return UTC
    if match := _OFFSET.fullmatch(text):
        width = timedelta(hours=int(match[2]), minutes=int(match[3] or 0))
        return timezone(width if match[1] == "+" else -width)
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, OSError) as error:
        raise ValueError("no zone of this name") from error
