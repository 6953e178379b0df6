"""Conditions of policy statements. Pure. Source: IAM user guide, "IAM JSON policy elements: Condition operators"."""

import ipaddress
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from kitbench.local_iot_core.policies.wildcard import Pattern, value_of


class ConditionError(ValueError):
    """A condition block that CreatePolicy refuses; the text says why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One operator on one key; it holds when the key's value compares with any of `values`.

    Attributes:
        operator: such as ``"StringLike"``, without quantifier and `IfExists`.
        if_exists: a key without a value satisfies the condition.
        for_all: of a key with several values all must compare, which none at all do; else one of them.
    """

    operator: str
    key: str
    values: tuple[str, ...]
    if_exists: bool = False
    for_all: bool = False


def _string_like(actual: str, wanted: str) -> bool:
    return Pattern.literal_wildcards(wanted).matches(actual)


def _ip_address(actual: str, wanted: str) -> bool:
    try:
        return ipaddress.ip_address(actual) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _numbers(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    def compare_texts(actual: str, wanted: str) -> bool:
        try:
            return compare(float(actual), float(wanted))
        except ValueError:
            return False

    return compare_texts


def _equal(actual: str, wanted: str) -> bool:
    return actual == wanted


def _equal_ignoring_case(actual: str, wanted: str) -> bool:
    return actual.casefold() == wanted.casefold()


#: Operator → comparison of the actual with one wanted value.
_COMPARISONS: Final[dict[str, Callable[[str, str], bool]]] = {
    "StringEquals": _equal,
    "StringEqualsIgnoreCase": _equal_ignoring_case,
    "StringLike": _string_like,
    "ArnEquals": _string_like,
    "ArnLike": _string_like,
    "Bool": _equal_ignoring_case,
    "IpAddress": _ip_address,
    "NumericEquals": _numbers(float.__eq__),
    "NumericLessThan": _numbers(float.__lt__),
    "NumericLessThanEquals": _numbers(float.__le__),
    "NumericGreaterThan": _numbers(float.__gt__),
    "NumericGreaterThanEquals": _numbers(float.__ge__),
}
#: Negated operator → what it negates. A negated operator also holds when the key has no value.
_NEGATIONS: Final = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
    "NotIpAddress": "IpAddress",
    "NumericNotEquals": "NumericEquals",
}
_QUANTIFIERS: Final = ("ForAllValues:", "ForAnyValue:")


def parse_conditions(tree: Any) -> tuple[Condition, ...]:
    """Return the conditions of a statement's Condition block, all of which must hold.

    Raises:
        ConditionError: AWS would refuse the block.
    """
    if not isinstance(tree, dict):
        raise ConditionError("condition is not a JSON object")
    return tuple(
        _parse(written, key, values) for written, block in tree.items() for key, values in _keys(written, block)
    )


def _keys(written: str, block: Any) -> list[tuple[str, Any]]:
    if not isinstance(block, dict) or not block:
        raise ConditionError(f"condition {written[:40]!r} names no key")
    return list(block.items())


def _parse(written: str, key: str, values: Any) -> Condition:
    operator = written
    for quantifier in _QUANTIFIERS:
        operator = operator.removeprefix(quantifier)
    name = operator.removesuffix("IfExists")
    if name not in _COMPARISONS and name not in _NEGATIONS and name != "Null":
        raise ConditionError(f"condition operator {written[:40]!r} is unknown")
    listed = values if isinstance(values, list) else [values]
    is_set = operator != written
    if not (listed or is_set) or not all(isinstance(value, str | bool | int | float) for value in listed):
        raise ConditionError(f"condition on {key[:40]!r} has no values")
    texts = tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in listed)
    for_all = written.startswith("ForAllValues:")
    return Condition(name, key, texts, if_exists=operator != name, for_all=for_all)


def holds(
    condition: Condition, variables: Mapping[str, str], sets: Mapping[str, tuple[str, ...]] = MappingProxyType({})
) -> bool:
    """Return whether the condition is met by a connection with these variables and value sets."""
    if condition.key in sets:
        members = (holds(condition, {condition.key: member}) for member in sets[condition.key])
        return all(members) if condition.for_all else any(members)
    actual = value_of(condition.key, variables)
    if condition.operator == "Null":
        return any((actual is None) == (value == "true") for value in condition.values)
    negated = condition.operator in _NEGATIONS
    if actual is None:
        return condition.if_exists or negated or condition.for_all
    compare = _COMPARISONS[_NEGATIONS.get(condition.operator, condition.operator)]
    wanted = (_replaced(value, variables) for value in condition.values)
    return negated != any(value is not None and compare(actual, value) for value in wanted)


def _replaced(value: str, variables: Mapping[str, str]) -> str | None:
    """Return a condition's value with its variables replaced; wildcards in it stay what they are."""
    if "${" not in value:
        return value
    pattern = Pattern.bind(value, variables)
    return None if pattern is None else "*".join(pattern.chunks).replace("\0", "?")
