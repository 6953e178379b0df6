"""AWS IoT SQL's functions of values alone. Pure.

Source: AWS IoT Core developer guide, "Functions": arguments are converted by the standard conversions, and what cannot
be converted gives Undefined.
"""

import base64
import binascii
import hashlib
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, DecimalException
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kitbench.local_iot_core.rules.regular_expression import RegularExpressionError, compiled, replacement
from kitbench.local_iot_core.rules.time_format import TimeFormatError, strftime_pattern
from kitbench.local_iot_core.rules.time_parsing import moment_of
from kitbench.local_iot_core.rules.value import (
    UNDEFINED,
    Value,
    as_number,
    from_json,
    is_number,
    to_boolean,
    to_decimal,
    to_int,
    to_json,
    to_string,
)

#: A function from arguments to its result.
Function = Callable[..., Value]

_MOST_PADDING: Final = 1000


def _of_numbers(function: Callable[..., Value]) -> Function:
    def call(*arguments: Value) -> Value:
        numbers = [to_decimal(argument) for argument in arguments]
        return UNDEFINED if UNDEFINED in numbers else _calculated(function, *numbers)

    return call


def _of_ints(function: Callable[..., Value]) -> Function:
    def call(*arguments: Value) -> Value:
        numbers = [to_int(argument) for argument in arguments]
        return UNDEFINED if UNDEFINED in numbers else function(*numbers)

    return call


def _of_strings(function: Callable[..., Value]) -> Function:
    def call(*arguments: Value) -> Value:
        texts = [to_string(argument) for argument in arguments]
        return UNDEFINED if UNDEFINED in texts else function(*texts)

    return call


def _calculated(function: Callable[..., Value], *numbers: Value) -> Value:
    try:
        return function(*numbers)
    except (ArithmeticError, ValueError, DecimalException):
        return UNDEFINED


def _of_double(function: Callable[[float], float]) -> Function:
    """Return a function that calculates in double precision; what has no real result is Undefined."""
    return _of_numbers(lambda number: Decimal(repr(function(float(number)))))


def _power(base: Value, exponent: Value) -> Value:
    result = float(base) ** float(exponent)
    return UNDEFINED if isinstance(result, complex) else Decimal(repr(result))


def remainder(left: Value, right: Value) -> Value:
    """Return what a division leaves, with the sign of the dividend; Undefined for a zero divisor."""
    if right == 0:
        return UNDEFINED
    result = Decimal(left) % Decimal(right)
    return int(result) if isinstance(left, int) and isinstance(right, int) else result


def _round(number: Value) -> Value:
    return int(Decimal(number).to_integral_value(rounding=ROUND_HALF_UP))


def _truncated(number: Value, places: Value = 0) -> Value:
    step = Decimal(1).scaleb(-max(0, min(34, int(places))))
    return as_number(Decimal(number).quantize(step, rounding="ROUND_DOWN"))


def _character(code: int) -> Value:
    return chr(code) if 0 <= code < 128 else UNDEFINED


def _concatenated(*arguments: Value) -> Value:
    if len(arguments) < 2:
        return arguments[0] if arguments else UNDEFINED
    if any(isinstance(argument, list) for argument in arguments):
        parts = [argument if isinstance(argument, list) else [argument] for argument in arguments]
        return [item for part in parts for item in part]
    texts = [to_string(argument) for argument in arguments]
    if UNDEFINED in texts or not any(isinstance(argument, str) for argument in arguments):
        return UNDEFINED
    return "".join(texts)


def get(collection: Value, key: Value) -> Value:
    """Return an item of an Array, String or Object; Undefined where there is none."""
    if isinstance(collection, dict):
        return collection.get(key, UNDEFINED) if isinstance(key, str) else UNDEFINED
    index = to_int(key)
    if not isinstance(collection, list | str) or index is UNDEFINED or not 0 <= index < len(collection):
        return UNDEFINED
    return collection[index]


def _encoded(value: Value, scheme: Value) -> Value:
    if scheme != "base64" or value is UNDEFINED:
        return UNDEFINED
    data = value if isinstance(value, bytes) else value.encode() if isinstance(value, str) else to_json(value).encode()
    return base64.b64encode(data).decode()


def _decoded(value: Value, scheme: Value) -> Value:
    if scheme != "base64" or not isinstance(value, str):
        return None
    try:
        data = base64.b64decode(value, validate=True)
        text = data.decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    try:
        return from_json(data, whole_is_int=True)
    except (ValueError, RecursionError):
        return text


def _padded(value: Value, count: Value, *, is_left: bool) -> Value:
    text, number = to_string(value), to_int(count)
    if UNDEFINED in (text, number):
        return UNDEFINED
    blanks = " " * max(0, min(_MOST_PADDING, number))
    return blanks + text if is_left else text + blanks


def _substring(value: Value, start: Value, end: Value = None) -> Value:
    text, first = to_string(value), to_int(start)
    last = len(text) if end is None and text is not UNDEFINED else to_int(end)
    if UNDEFINED in (text, first, last):
        return UNDEFINED
    first = max(0, first)
    return text[first : max(first, last)]


def _regexp(function: Callable[..., Value]) -> Function:
    def call(text: str, pattern: str, *rest: str) -> Value:
        try:
            return function(compiled(pattern), text, *rest)
        except RegularExpressionError:
            return UNDEFINED

    return _of_strings(call)


def _first_match(pattern: re.Pattern[str], text: str) -> Value:
    match = pattern.search(text)
    return UNDEFINED if match is None else match[0]


def _parse_time(pattern: Value, milliseconds: Value, zone: Value = "UTC") -> Value:
    text, number = to_string(pattern), to_int(milliseconds)
    if UNDEFINED in (text, number):
        return UNDEFINED
    try:
        moment = datetime.fromtimestamp(number / 1000, ZoneInfo(str(zone)))
        return strftime_pattern(text, moment)
    except (TimeFormatError, ZoneInfoNotFoundError, ValueError, OverflowError, OSError):
        return UNDEFINED


def _time_to_epoch(text: Value, pattern: Value) -> Value:
    """Return milliseconds since 1970 of a text that a pattern describes."""
    if not isinstance(text, str) or not isinstance(pattern, str):
        return UNDEFINED
    try:
        return round(moment_of(text, pattern).timestamp() * 1000)
    except (ValueError, OverflowError):
        return UNDEFINED


def cast(value: Value, kind: str) -> Value:
    """Return a value as another type; beyond the standard conversions numbers and Booleans become each other."""
    if kind in {"bool", "boolean"}:
        return value != 0 if is_number(value) else to_boolean(value)
    if kind in {"int", "integer"}:
        return int(value) if isinstance(value, bool) else to_int(value)
    if kind in {"decimal", "double"}:
        return Decimal(int(value)) if isinstance(value, bool) else to_decimal(value)
    return to_string(value)


def _hashed(name: str) -> Function:
    return _of_strings(lambda text: hashlib.new(name, text.encode(), usedforsecurity=False).hexdigest())


FUNCTIONS: Final[Mapping[str, Function]] = {
    "abs": _of_numbers(abs),
    "acos": _of_double(math.acos),
    "asin": _of_double(math.asin),
    "atan": _of_double(math.atan),
    "atan2": _of_numbers(lambda y, x: Decimal(repr(math.atan2(float(y), float(x))))),
    "bitand": _of_ints(lambda left, right: left & right),
    "bitor": _of_ints(lambda left, right: left | right),
    "bitxor": _of_ints(lambda left, right: left ^ right),
    "bitnot": _of_ints(lambda number: ~number),
    "ceil": _of_numbers(math.ceil),
    "chr": _of_ints(_character),
    "concat": _concatenated,
    "cos": _of_double(math.cos),
    "cosh": _of_double(math.cosh),
    "decode": _decoded,
    "encode": _encoded,
    "endswith": _of_strings(str.endswith),
    "exp": _of_double(math.exp),
    "floor": _of_numbers(math.floor),
    "get": get,
    "get_or_default": lambda value, default: default if value is UNDEFINED or value is None else value,
    "indexof": _of_strings(str.find),
    "isnull": lambda value: value is None,
    "isundefined": lambda value: value is UNDEFINED,
    "length": _of_strings(len),
    "ln": _of_double(math.log),
    "log": _of_double(math.log10),
    "lower": _of_strings(str.lower),
    "lpad": lambda value, count: _padded(value, count, is_left=True),
    "ltrim": _of_strings(lambda text: text.lstrip(" \t")),
    "md5": _hashed("md5"),
    "mod": _of_numbers(remainder),
    "nanvl": lambda value, other: other if value is UNDEFINED or value is None else value,
    "newuuid": lambda: str(uuid.uuid4()),
    "numbytes": _of_strings(lambda text: len(text.encode())),
    "parse_time": _parse_time,
    "power": _of_numbers(_power),
    "rand": lambda: Decimal(repr(random.random())),  # noqa: S311 - AWS's rand() is no secret either
    "regexp_matches": _regexp(lambda pattern, text: pattern.search(text) is not None),
    "regexp_replace": _regexp(lambda pattern, text, new: pattern.sub(replacement(new), text)),
    "regexp_substr": _regexp(_first_match),
    "remainder": _of_numbers(remainder),
    "replace": _of_strings(lambda text, old, new: text.replace(old, new) if old else text),
    "round": _of_numbers(_round),
    "rpad": lambda value, count: _padded(value, count, is_left=False),
    "rtrim": _of_strings(lambda text: text.rstrip(" \t")),
    "sha1": _hashed("sha1"),
    "sha224": _hashed("sha224"),
    "sha256": _hashed("sha256"),
    "sha384": _hashed("sha384"),
    "sha512": _hashed("sha512"),
    "sign": _of_numbers(lambda number: (number > 0) - (number < 0)),
    "sin": _of_double(math.sin),
    "sinh": _of_double(math.sinh),
    "sqrt": _of_double(math.sqrt),
    "startswith": _of_strings(str.startswith),
    "substring": _substring,
    "tan": _of_double(math.tan),
    "tanh": _of_double(math.tanh),
    "time_to_epoch": _time_to_epoch,
    "trim": _of_strings(lambda text: text.strip(" \t")),
    "trunc": _of_numbers(_truncated),
    "upper": _of_strings(str.upper),
}
