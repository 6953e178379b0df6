"""Joda-Time's patterns of dates, as `parse_time` takes them. Pure.

Source: Joda-Time, "DateTimeFormat". The way back, `time_to_epoch`, is in `time_parsing`.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Final

_PART: Final = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(.)", re.DOTALL)


class TimeFormatError(ValueError):
    """A pattern with a letter that is not modelled."""


def strftime_pattern(pattern: str, moment: datetime) -> str:
    """Return a moment in the form of a pattern such as ``yyyy-MM-dd'T'HH:mm:ss``.

    Raises:
        TimeFormatError: the pattern has a letter that is not modelled.
    """
    return "".join(text if not letter else _written(letter, len(text), moment) for letter, text in parts_of(pattern))


def parts_of(pattern: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a pattern: a letter with its repetitions, or "" with a text that stands for itself."""
    for match in _PART.finditer(pattern):
        if match[2] is not None:
            yield match[2], match[0]
        else:
            yield "", match[3] if match[3] is not None else (match[1].replace("''", "'") or "'")


def _written(letter: str, width: int, moment: datetime) -> str:
    if letter not in _LETTERS:
        raise TimeFormatError(f"letter {letter!r} of a pattern of time is not modelled")
    return _LETTERS[letter](moment, width)


def _number(value: Callable[[datetime], int]) -> Callable[[datetime, int], str]:
    return lambda moment, width: str(value(moment)).zfill(width)


def _year(moment: datetime, width: int) -> str:
    return f"{moment.year % 100:02}" if width == 2 else str(moment.year).zfill(width)


def _month(moment: datetime, width: int) -> str:
    return str(moment.month).zfill(width) if width < 3 else moment.strftime("%b" if width == 3 else "%B")


def _offset(moment: datetime, width: int) -> str:
    text = moment.strftime("%z")
    return text if width == 1 else f"{text[:3]}:{text[3:]}"


_LETTERS: Final[Mapping[str, Callable[[datetime, int], str]]] = {
    "y": _year,
    "Y": _year,
    "M": _month,
    "d": _number(lambda moment: moment.day),
    "D": _number(lambda moment: moment.timetuple().tm_yday),
    "H": _number(lambda moment: moment.hour),
    "h": _number(lambda moment: moment.hour % 12 or 12),
    "m": _number(lambda moment: moment.minute),
    "s": _number(lambda moment: moment.second),
    "S": lambda moment, width: f"{moment.microsecond:06}"[:width].ljust(width, "0"),
    "E": lambda moment, width: moment.strftime("%a" if width < 4 else "%A"),
    "e": _number(lambda moment: moment.isoweekday()),
    "a": lambda moment, _width: moment.strftime("%p"),
    "G": lambda _moment, _width: "AD",
    "z": lambda moment, _width: moment.tzname() or "",
    "Z": _offset,
}
