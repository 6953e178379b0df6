"""Following CMake files: variables, branches, and the refusal of everything else."""

import pytest

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.cmake_interpreter import Interpreter, keyword_arguments


def run(text: str, **variables: str) -> dict[str, str]:
    interpreter = Interpreter("CMakeLists.txt", variables, {})
    interpreter.run(text)
    return interpreter.variables


def test_set_joins_values_to_a_list() -> None:
    assert run('set(a b "c d" e)')["a"] == "b;c d;e"


def test_set_expands_references() -> None:
    assert run("set(dir src)\nset(name dir)\nset(a ${dir}/x.c ${${name}})")["a"] == "src/x.c;src"


def test_list_append_extends() -> None:
    assert run("list(APPEND a b)\nlist(APPEND a c d)")["a"] == "b;c;d"


def test_unset_forgets() -> None:
    assert "a" not in run("set(a b)\nunset(a)")


@pytest.mark.parametrize(("config", "expected"), [({"A": "y"}, "first"), ({"B": "y"}, "second"), ({}, "third")])
def test_if_follows_one_branch(config: dict[str, str], expected: str) -> None:
    text = "if(A)\nset(r first)\nelseif(B)\nset(r second)\nelse()\nset(r third)\nendif()"

    assert run(text, **config)["r"] == expected


def test_unknown_command_in_a_branch_not_taken_is_no_error() -> None:
    assert "r" not in run("if(A)\nexecute_process(COMMAND id)\nset(r 1)\nendif()")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("execute_process(COMMAND id)", "'execute_process' is not followed"),
        ("\nfile(READ /etc/passwd x)", "CMakeLists.txt:2: CMake command 'file'"),
        ("set(a $ENV{HOME})", "environment variable 'HOME'"),
        ("set(a $<TARGET_FILE:x>)", "is not followed"),
        ("if(A)", "no endif"),
        ("endif()", "without if"),
        ("else()", "without if"),
        ("if(EXISTS x)\nendif()", "unknown operator"),
        ("list(SORT a)", "is not followed"),
        ('message(FATAL_ERROR "no")', "stops its own build: no"),
        ("set()", "without a variable"),
        ("set(a 1)\n" * 2001, "more than 2000 commands"),
        ("set(a aaaaaaaaaaaaaaaa)\n" + "set(a ${a}${a}${a}${a})\n" * 20, "grows too long"),
    ],
)
def test_what_is_not_followed_is_refused(text: str, message: str) -> None:
    with pytest.raises(KitError, match=message):
        run(text)


def test_keyword_arguments_sorts_values() -> None:
    values = keyword_arguments(["x", "SRCS", "a", "b", "REQUIRES"], frozenset({"SRCS", "REQUIRES"}))

    assert values == {"": ["x"], "SRCS": ["a", "b"], "REQUIRES": []}
