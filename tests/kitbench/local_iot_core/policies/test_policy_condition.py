"""Conditions of policies, one row for each operator: what holds, what does not, what a missing key means."""

from typing import Any

import pytest

from kitbench.local_iot_core.policies.policy_condition import ConditionError, holds, parse_conditions

KEY = "iot:Thing.ThingName"


def check(operator: str, wanted: Any, actual: str | None) -> bool:
    (condition,) = parse_conditions({operator: {KEY: wanted}})
    return holds(condition, {} if actual is None else {KEY: actual})


@pytest.mark.parametrize(
    ("operator", "wanted", "good", "bad"),
    [
        ("StringEquals", "kit", "kit", "Kit"),
        ("StringEqualsIgnoreCase", "kit", "KIT", "kits"),
        ("StringLike", "kit-*", "kit-7", "a-kit-7"),
        ("StringLike", "k?t", "kit", "knit"),
        ("StringNotEquals", "kit", "other", "kit"),
        ("StringNotLike", "kit-*", "other", "kit-1"),
        ("ArnLike", "arn:aws:iot:*:1:thing/*", "arn:aws:iot:eu:1:thing/a", "arn:aws:iot:eu:2:thing/a"),
        ("Bool", "true", "true", "false"),
        ("Bool", True, "true", "false"),
        ("IpAddress", "10.0.0.0/8", "10.9.9.9", "11.0.0.1"),
        ("IpAddress", "10.0.0.0/8", "10.0.0.1", "not an address"),
        ("NotIpAddress", "10.0.0.0/8", "11.0.0.1", "10.0.0.1"),
        ("NumericLessThan", 5, "4.5", "5"),
        ("NumericGreaterThanEquals", "5", "5", "4"),
        ("NumericEquals", 5, "5.0", "five"),
    ],
)
def test_operator(operator: str, wanted: Any, good: str, bad: str) -> None:
    assert check(operator, wanted, good)
    assert not check(operator, wanted, bad)


@pytest.mark.parametrize("operator", ["StringEquals", "StringLike", "Bool", "IpAddress", "NumericEquals"])
def test_key_without_a_value(operator: str) -> None:
    assert not check(operator, "1", None)
    assert check(f"{operator}IfExists", "1", None)


def test_negated_operator_holds_without_a_value() -> None:
    assert check("StringNotEquals", "kit", None)


@pytest.mark.parametrize(
    ("wanted", "actual", "expected"), [("true", None, True), ("true", "x", False), ("false", "x", True)]
)
def test_null(wanted: str, actual: str | None, *, expected: bool) -> None:
    assert check("Null", wanted, actual) is expected


@pytest.mark.parametrize(
    ("operator", "members", "expected"),
    [
        ("ForAnyValue:StringEquals", ("a", "b"), True),
        ("ForAnyValue:StringEquals", ("b",), False),
        ("ForAnyValue:StringEquals", (), False),
        ("ForAllValues:StringEquals", ("a", "b"), False),
        ("ForAllValues:StringEquals", ("a",), True),
        ("ForAllValues:StringEquals", (), True),
    ],
)
def test_sets_of_values(operator: str, members: tuple[str, ...], *, expected: bool) -> None:
    (condition,) = parse_conditions({operator: {"aws:TagKeys": "a"}})

    assert holds(condition, {}, {"aws:TagKeys": members}) is expected


def test_wanted_value_may_hold_a_variable() -> None:
    (condition,) = parse_conditions({"StringEquals": {"iot:ClientId": "${iot:Connection.Thing.ThingName}"}})

    assert holds(condition, {"iot:ClientId": "kit", "iot:Connection.Thing.ThingName": "kit"})
    assert not holds(condition, {"iot:ClientId": "kit", "iot:Connection.Thing.ThingName": "other"})
    assert not holds(condition, {"iot:ClientId": "kit"})


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ([], "not a JSON object"),
        ({"StringEquals": {}}, "names no key"),
        ({"StringEquals": "x"}, "names no key"),
        ({"StringSounds": {KEY: "x"}}, "'StringSounds' is unknown"),
        ({"StringEquals": {KEY: []}}, "has no values"),
        ({"StringEquals": {KEY: [{}]}}, "has no values"),
    ],
)
def test_block_that_aws_refuses(block: Any, reason: str) -> None:
    with pytest.raises(ConditionError, match=reason):
        parse_conditions(block)
