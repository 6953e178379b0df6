"""Patterns, compared with a matcher that is plainly right and plainly slow."""

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.local_iot_core.policies.wildcard import Pattern, value_of

PATTERNS = st.text(alphabet="ab*?", max_size=12)
TEXTS = st.text(alphabet="ab", max_size=12)


@functools.cache
def matches_by_definition(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return matches_by_definition(pattern[1:], text) or (bool(text) and matches_by_definition(pattern, text[1:]))
    return bool(text) and pattern[0] in {"?", text[0]} and matches_by_definition(pattern[1:], text[1:])


@given(PATTERNS, TEXTS)
def test_pattern_matches_as_defined(pattern: str, text: str) -> None:
    assert Pattern.literal_wildcards(pattern).matches(text) == matches_by_definition(pattern, text)


@given(PATTERNS, TEXTS)
def test_bound_pattern_without_variables_is_the_same(pattern: str, text: str) -> None:
    bound = Pattern.bind(pattern, {})

    assert bound is not None
    assert bound.matches(text) == matches_by_definition(pattern, text)


def test_unknown_variable_makes_no_pattern() -> None:
    assert Pattern.bind("a/${unknown}", {}) is None


def test_variable_matches_its_value_and_nothing_else() -> None:
    bound = Pattern.bind("a/${iot:ClientId}/*", {"iot:Other": "b", "iot:ClientId": "kit-1"})

    assert bound is not None
    assert bound.matches("a/kit-1/x")
    assert not bound.matches("a/b/x")
    assert not bound.matches("a//x")


@pytest.mark.parametrize("value", ["*", "k?t", "${iot:ClientId}"])
def test_value_of_a_variable_is_literal(value: str) -> None:
    bound = Pattern.bind("a/${iot:ClientId}", {"iot:ClientId": value})

    assert bound is not None
    assert bound.matches(f"a/{value}")
    assert not bound.matches("a/kit")


VARIABLES = {"iot:ClientId": "kit", "iot:Connection.Thing.Attributes[room]": "lab", "empty": ""}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("iot:ClientId", "kit"),
        ("IOT:clientid", "kit"),
        ("iot:connection.thing.attributes[room]", "lab"),
        ("iot:Connection.Thing.Attributes[ROOM]", None),
        ("iot:Client", None),
        ("empty", ""),
        ("*", "*"),
        ("?", "?"),
        ("$", "$"),
    ],
)
def test_variable_has_its_value_whatever_its_case_before_the_bracket(name: str, value: str | None) -> None:
    assert value_of(name, VARIABLES) == value


def test_unfinished_variable_is_text() -> None:
    bound = Pattern.bind("a/${b", {})

    assert bound is not None
    assert bound.matches("a/${b")
