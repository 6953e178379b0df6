"""CMake's string()."""

import pytest

from kitbench.virtual_kit.toolchain.cmake.string_command import run


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["REPLACE", " ", "_", "r", "a b c"], "a_b_c"),
        (["REGEX", "REPLACE", "([a-z]+)-([0-9])", "\\2\\1", "r", "ab-1"], "1ab"),
        (["REGEX", "MATCH", "[0-9]+", "r", "v12.3"], "12"),
        (["REGEX", "MATCHALL", "[0-9]+", "r", "v12.3"], "12;3"),
        (["REGEX", "MATCH", "{x}", "r", "a{x}"], "{x}"),
        (["TOUPPER", "aB", "r"], "AB"),
        (["STRIP", " a ", "r"], "a"),
        (["SUBSTRING", "abcdef", "1", "-1", "r"], "bcdef"),
        (["LENGTH", "ä", "r"], "2"),
        (["CONCAT", "r", "a", "b"], "ab"),
        (["JOIN", "-", "r", "a", "b"], "a-b"),
        (["APPEND", "r", "b"], "xb"),
        (["FIND", "abab", "b", "r", "REVERSE"], "3"),
        (["COMPARE", "LESS", "a", "b", "r"], "1"),
        (["MAKE_C_IDENTIFIER", "1a-b.c", "r"], "_1a_b_c"),
        (["MD5", "r", "abc"], "900150983cd24fb0d6963f7d28e17f72"),
    ],
)
def test_string_is_made(arguments: list[str], expected: str) -> None:
    assert run(arguments, {"r": "x"})["r"] == expected


@pytest.mark.parametrize("arguments", [[], ["RANDOM", "r"], ["REPLACE", "a"], ["REGEX", "MATCH", "(", "r", "a"]])
def test_what_is_not_known_is_refused(arguments: list[str]) -> None:
    with pytest.raises(ValueError, match=r"string\(|regular expression"):
        run(arguments, {})
