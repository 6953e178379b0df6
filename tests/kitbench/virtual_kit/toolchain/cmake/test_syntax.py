"""CMake's language, without evaluating it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.cmake.syntax import ArgumentKind, parse


def texts(text: str) -> list[tuple[str, list[str]]]:
    return [(command.name, [item.text for item in command.arguments]) for command in parse(text, "CMakeLists.txt")]


def test_parse_gives_commands_with_arguments() -> None:
    assert texts('SET(a "b c" d)\nregister_component()') == [("set", ["a", "b c", "d"]), ("register_component", [])]


def test_parse_drops_comments() -> None:
    assert texts("# one\nset(a #[[ two\n ]] b # three\n)") == [("set", ["a", "b"])]


def test_parse_keeps_bracket_arguments_verbatim() -> None:
    (command,) = parse("message([=[a ${b} ]] c]=])", "CMakeLists.txt")

    assert command.arguments[0].text == "a ${b} ]] c"
    assert command.arguments[0].kind is ArgumentKind.BRACKET


def test_parse_keeps_inner_parentheses() -> None:
    assert texts("if((A) AND B)\n") == [("if", ["(", "A", ")", "AND", "B"])]


def test_parse_counts_lines() -> None:
    assert [command.line for command in parse("set(a\nb)\n\nset(c)", "x")] == [1, 4]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("set(a", r"CMakeLists.txt:1: no '\)' closes 'set'"),
        ("\nset a", r"CMakeLists.txt:2: expected '\('"),
        ('"quoted"', "expected a command"),
        ("a-b()", "expected a command"),
        ('set(a "b)', "unexpected"),
    ],
)
def test_parse_broken_file_names_the_line(text: str, message: str) -> None:
    with pytest.raises(KitError, match=message):
        parse(text, "CMakeLists.txt")


@given(st.text(max_size=200))
def test_parse_any_text_gives_commands_or_its_error(text: str) -> None:
    said = ""
    try:
        parse(text, "CMakeLists.txt")
    except KitError as error:
        said = str(error)
    assert "\n" not in said
