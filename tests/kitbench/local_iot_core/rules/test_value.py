"""Values of AWS IoT SQL: what is JSON, what becomes a number, a text or Undefined."""

from decimal import Decimal
from typing import Any

import pytest

from kitbench.local_iot_core.rules.value import (
    UNDEFINED,
    defined,
    from_json,
    is_number,
    to_boolean,
    to_decimal,
    to_int,
    to_json,
    to_string,
)


@pytest.mark.parametrize(
    ("text", "whole_is_int", "value"),
    [
        (b'{"t": 21.50}', True, {"t": Decimal("21.50")}),
        (b"[10.0, 10.5]", True, [10, Decimal("10.5")]),
        (b"[10.0, 10.5]", False, [Decimal("10.0"), Decimal("10.5")]),
        (b"0.1000000000000000000000001", True, Decimal("0.1000000000000000000000001")),
        (b"1e40", True, Decimal("1e40")),
    ],
)
def test_numbers_keep_all_their_digits(text: bytes, *, whole_is_int: bool, value: Any) -> None:
    parsed = from_json(text, whole_is_int=whole_is_int)

    assert parsed == value
    assert str(parsed) == str(value)


@pytest.mark.parametrize("text", [b"NaN", b"[Infinity]", b"-Infinity", b"{", b"", b"\xff"])
def test_what_is_not_json_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - three libraries' words for it
        from_json(text, whole_is_int=True)


def test_undefined_is_left_out_of_what_is_sent_on() -> None:
    value = {"a": UNDEFINED, "b": [1, UNDEFINED, None], "c": {"d": UNDEFINED}}

    assert defined(value) == {"b": [1, None], "c": {}}
    assert to_json(value) == '{"b":[1,null],"c":{}}'
    assert to_json(UNDEFINED) == "null"


def test_whole_decimals_are_written_without_a_point() -> None:
    assert to_json([Decimal("10.0"), Decimal("21.5"), "é"]) == '[10,21.5,"é"]'


@pytest.mark.parametrize(("value", "expected"), [(1, True), (Decimal("1.5"), True), (True, False), ("1", False)])
def test_a_boolean_is_no_number(value: Any, *, expected: bool) -> None:
    assert is_number(value) is expected


@pytest.mark.parametrize(
    ("value", "decimal", "whole"),
    [
        (7, 7, 7),
        (Decimal("-1.5"), Decimal("-1.5"), -2),
        ("12", 12, 12),
        ("1.5e2", Decimal("1.5e2"), 150),
        ("1e99", Decimal("1e99"), 10**34),
        ("-1e99", Decimal("-1e99"), -(10**34)),
        ("0x10", UNDEFINED, UNDEFINED),
        (" 1", UNDEFINED, UNDEFINED),
        ("9" * 65, UNDEFINED, UNDEFINED),
        (True, UNDEFINED, UNDEFINED),
        (None, UNDEFINED, UNDEFINED),
    ],
)
def test_conversion_to_numbers(value: Any, decimal: Any, whole: Any) -> None:
    assert to_decimal(value) == decimal
    assert to_int(value) == whole


@pytest.mark.parametrize(
    ("value", "expected"), [(True, True), ("TRUE", True), ("false", False), ("yes", UNDEFINED), (1, UNDEFINED)]
)
def test_conversion_to_booleans(value: Any, expected: Any) -> None:
    assert to_boolean(value) is expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        (False, "false"),
        (5, "5"),
        (Decimal("1.50"), "1.50"),
        ([1, "a"], '[1,"a"]'),
        (None, UNDEFINED),
        (UNDEFINED, UNDEFINED),
    ],
)
def test_conversion_to_strings(value: Any, expected: Any) -> None:
    assert to_string(value) == expected
