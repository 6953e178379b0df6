"""Patterns of rules work, Java's replacements are understood, and none may take exponential time."""

import pytest

from kitbench.local_iot_core.rules.regular_expression import RegularExpressionError, compiled, replacement


@pytest.mark.parametrize("pattern", [r"^a+b*$", r"(\d{2})-(x|y)", r"(ab)?c", r"[a-z]+@[a-z]+"])
def test_ordinary_patterns_compile(pattern: str) -> None:
    assert compiled(pattern).pattern == pattern


@pytest.mark.parametrize("pattern", [r"(a+)+$", r"((a*)b)*", r"(a|b+)*", r"(?:x{2,9}){2,9}", r"(?=(a+)+)b"])
def test_pattern_that_repeats_what_repeats_is_refused(pattern: str) -> None:
    with pytest.raises(RegularExpressionError, match="repeats what repeats"):
        compiled(pattern)


@pytest.mark.parametrize("pattern", ["(", "[a", "a{999999999999999999999}", "*"])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(RegularExpressionError):
        compiled(pattern)


def test_long_pattern_is_refused_before_it_is_parsed() -> None:
    assert compiled("a" * 256)
    with pytest.raises(RegularExpressionError, match="too long"):
        compiled("a" * 257)


def test_java_replacement_becomes_pythons() -> None:
    assert compiled(r"(\w+) (\w+)").sub(replacement(r"$2\n$1"), "one two") == r"two\none"
