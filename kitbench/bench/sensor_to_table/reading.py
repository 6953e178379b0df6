"""Numbers in what a kit prints, sends, and what rules write. Pure."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

#: A number as firmware prints it, with a unit behind it or not; no part of a name or a version. cJSON prints as many
#: decimals as tell one double from the next: 21.43 of a float is 21.430000305175781.
_NUMBER: Final = re.compile(r"(?<![\w.])-?\d{1,9}(?:\.\d{1,20})?(?:[eE][+-]?\d{1,3})?(?!\.?\d|[eE][+-]?\d)")
#: An AHT's resolution is 0.01 °C; who prints one decimal rounds by 0.05 more.
TOLERANCE: Final = 0.06
#: Longest text that is looked through.
_MOST_TEXT: Final = 200_000


def numbers_in(text: str) -> tuple[float, ...]:
    """Return the numbers in a text, in its order."""
    return tuple(float(match[0]) for match in _NUMBER.finditer(text[-_MOST_TEXT:]))


def numbers_of(row: Mapping[str, Any]) -> tuple[float, ...]:
    """Return the numbers in a row: of its numeric attributes, and in its texts, as deep as they are."""
    return tuple(number for value in row.values() for number in _numbers(value))


def _numbers(value: Any) -> Iterator[float]:
    match value:
        case bool() | None:
            return
        case str():
            yield from numbers_in(value)
        case Mapping():
            for inner in value.values():
                yield from _numbers(inner)
        case list() | set() | tuple():
            for inner in value:
                yield from _numbers(inner)
        case _ if hasattr(value, "value"):  # boto3's Binary
            yield from numbers_in(bytes(value.value).decode(errors="replace"))
        case _:
            yield float(value)


def count_near(numbers: tuple[float, ...], value: float, tolerance: float = TOLERANCE) -> int:
    """Return how many of the numbers are a value, within a sensor's resolution."""
    return sum(abs(number - value) <= tolerance for number in numbers)
