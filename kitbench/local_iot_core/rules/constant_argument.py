"""What constants in a statement say that is not modelled: refused when the rule is made, not Undefined with a message.

Source: AWS IoT Core developer guide, "Functions".
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kitbench.local_iot_core.rules.mqtt_header import HEADERS
from kitbench.local_iot_core.rules.regular_expression import RegularExpressionError, compiled
from kitbench.local_iot_core.rules.time_format import strftime_pattern
from kitbench.local_iot_core.rules.time_parsing import compiled_pattern

_ANY_TIME: Final = datetime(2026, 1, 1, tzinfo=UTC)


def refusal(function: str, place: int, value: Any) -> str:
    """Return why a constant cannot be an argument of a function here, or "".

    Args:
        function: its name in lower case.
        place: of the argument, from 0.
        value: the constant.
    """
    check = _CHECKS.get((function, place))
    if check is None or not isinstance(value, str):
        return ""
    try:
        check(value)
    except (ValueError, RegularExpressionError, ZoneInfoNotFoundError, OSError) as error:
        return f"argument {place + 1} of {function}() is {value[:40]!r}: {error}"
    return ""


def _one_of(*known: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in known:
            raise ValueError(f"the local IoT core models {', '.join(known)}")

    return check


_CHECKS: Final[Mapping[tuple[str, int], Callable[[str], object]]] = {
    ("decode", 1): _one_of("base64"),
    ("encode", 1): _one_of("base64"),
    ("get_mqtt_property", 0): _one_of(*HEADERS),
    ("parse_time", 0): lambda value: strftime_pattern(value, _ANY_TIME),
    ("parse_time", 2): ZoneInfo,
    ("regexp_matches", 1): compiled,
    ("regexp_replace", 1): compiled,
    ("regexp_substr", 1): compiled,
    ("time_to_epoch", 1): compiled_pattern,
}
