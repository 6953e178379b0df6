"""Values of AWS IoT SQL and their standard conversions. Pure.

Source: AWS IoT Core developer guide, "Data types", "Conversions". Int is `int`, Decimal is `decimal.Decimal`; the other
JSON types are Python's. Undefined is a value of its own, and is left out of what a rule sends on.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final, TypeAlias


class Undefined:
    """The value that is not there, such as that of a key which an object lacks."""

    def __repr__(self) -> str:
        return "Undefined"


UNDEFINED: Final = Undefined()
#: What a string has to look like to be taken for a number.
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE]-?\d+)?")
_LONGEST_NUMBER: Final = 64

Value: TypeAlias = Any


def from_json(text: bytes, *, whole_is_int: bool) -> Value:
    """Return a payload's value; numbers keep all their digits.

    Raises:
        ValueError: it is not JSON.
    """
    value = json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    return _with_whole_ints(value) if whole_is_int else value


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _with_whole_ints(value: Value) -> Value:
    """Return the value with numbers such as 10.0 as Int: SQL version 2016-03-23 does so."""
    if isinstance(value, dict):
        return {key: _with_whole_ints(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_with_whole_ints(item) for item in value]
    return as_number(value) if isinstance(value, Decimal) else value


def as_number(value: Decimal) -> int | Decimal:
    """Return a whole Decimal as Int, where its size is that of a number of a message."""
    return int(value) if value == value.to_integral_value() and abs(value) < Decimal(10) ** 34 else value


def to_json(value: Value) -> str:
    """Return a value as compact JSON; Undefined is left out, and null where nothing can be left out."""
    return json.dumps(defined(value), separators=(",", ":"), ensure_ascii=False, default=_number)


def defined(value: Value) -> Value:
    """Return the value without what is undefined in it."""
    if isinstance(value, dict):
        return {key: defined(item) for key, item in value.items() if item is not UNDEFINED}
    if isinstance(value, list):
        return [defined(item) for item in value if item is not UNDEFINED]
    return None if value is UNDEFINED else value


def _number(value: object) -> int | float:
    if isinstance(value, Decimal):
        whole = as_number(value)
        return whole if isinstance(whole, int) else float(whole)
    raise TypeError(f"{type(value).__name__} is no value of a message")


def is_number(value: Value) -> bool:
    """Return whether a value is an Int or a Decimal; a Boolean is neither."""
    return isinstance(value, int | Decimal) and not isinstance(value, bool)


def to_decimal(value: Value) -> Value:
    """Return a number, or Undefined."""
    if is_number(value):
        return value
    if isinstance(value, str) and len(value) <= _LONGEST_NUMBER and _NUMBER.fullmatch(value):
        try:
            parsed = Decimal(value)
        except InvalidOperation:
            return UNDEFINED
        return int(parsed) if re.fullmatch(r"-?\d+", value) else parsed
    return UNDEFINED


def to_int(value: Value) -> Value:
    """Return an Int, a Decimal rounded down, or Undefined."""
    number = to_decimal(value)
    if number is UNDEFINED:
        return UNDEFINED
    if isinstance(number, Decimal) and abs(number) >= Decimal(10) ** 34:
        return 10**34 if number > 0 else -(10**34)
    return int(number.to_integral_value(rounding="ROUND_FLOOR")) if isinstance(number, Decimal) else number


def to_boolean(value: Value) -> Value:
    """Return a Boolean, also of the strings "true" and "false", or Undefined."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.lower(), UNDEFINED)
    return UNDEFINED


def to_string(value: Value) -> Value:
    """Return a String, or Undefined for null and Undefined."""
    if value is None or value is UNDEFINED:
        return UNDEFINED
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return to_json(value) if isinstance(value, dict | list) else str(value)
