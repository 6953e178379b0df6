"""Conditions of CMake's if()."""

import pytest

from kitbench.virtual_kit.toolchain.cmake.condition import ConditionError, evaluate
from kitbench.virtual_kit.toolchain.cmake.pattern import NotFollowedError
from kitbench.virtual_kit.toolchain.cmake.syntax import Argument, ArgumentKind, parse

VARIABLES = {"CONFIG_A": "y", "EMPTY": "", "IDF_TARGET": "esp32", "LIST": "one;two", "VERSION": "5.1.4"}


class Facts:
    """A build with one folder, one file in it, one target and one command."""

    def exists(self, path: str) -> bool:
        return path in {"certs", "certs/key.pem"}

    def is_folder(self, path: str) -> bool:
        return path == "certs"

    def is_command(self, name: str) -> bool:
        return name == "set"

    def is_target(self, name: str) -> bool:
        return name == "__idf_main"


def holds(condition: str) -> bool:
    (command,) = parse(f"if({condition})", "CMakeLists.txt")
    return evaluate(command.arguments, VARIABLES, Facts())


@pytest.mark.parametrize(
    "condition",
    [
        "CONFIG_A",
        "NOT CONFIG_B",
        "CONFIG_B OR CONFIG_A",
        "CONFIG_A AND NOT EMPTY",
        "CONFIG_B AND CONFIG_A OR CONFIG_A",
        "NOT (CONFIG_A AND CONFIG_B)",
        'IDF_TARGET STREQUAL "esp32"',
        "DEFINED EMPTY",
        "VERSION VERSION_GREATER_EQUAL 5.1",
        "two IN_LIST LIST",
        "VERSION VERSION_EQUAL 5.1.4.0",
        'IDF_TARGET MATCHES "^esp32"',
        "5 GREATER_EQUAL 4",
        "EXISTS certs/key.pem AND NOT EXISTS certs/other.pem",
        "IS_DIRECTORY certs",
        "TARGET __idf_main AND NOT TARGET x",
        "COMMAND set",
        "IS_ABSOLUTE /a AND NOT IS_ABSOLUTE a",
        "DEFINED ENV{IDF_PATH} AND NOT DEFINED ENV{HOME}",
        "TRUE",
        "1",
    ],
)
def test_condition_holds(condition: str) -> None:
    assert holds(condition)


@pytest.mark.parametrize(
    "condition",
    ["CONFIG_B", "EMPTY", '"CONFIG_A"', "IDF_TARGET STREQUAL esp32s3", "DEFINED CONFIG_B", "OFF", "X-NOTFOUND", "0"],
)
def test_condition_does_not_hold(condition: str) -> None:
    assert not holds(condition)


@pytest.mark.parametrize(
    "condition", ["CONFIG_A MATCHES (a+)+", "CONFIG_A IS_NEWER_THAN y", "( CONFIG_A", "NOT", "A " * 201]
)
def test_condition_unknown_is_refused(condition: str) -> None:
    terms = [Argument(text, ArgumentKind.UNQUOTED) for text in condition.split()]

    with pytest.raises((ConditionError, NotFollowedError)):
        evaluate(terms, VARIABLES)
