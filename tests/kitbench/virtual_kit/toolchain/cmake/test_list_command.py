"""CMake's list(), and keyword arguments."""

import pytest

from kitbench.virtual_kit.toolchain.cmake.list_command import keyword_arguments, run


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("PREPEND l z", {"l": "z;b;a;b"}),
        ("INSERT l 1 x", {"l": "b;x;a;b"}),
        ("REMOVE_ITEM l b", {"l": "a"}),
        ("REMOVE_AT l 0 -1", {"l": "a"}),
        ("REMOVE_DUPLICATES l", {"l": "b;a"}),
        ("REVERSE l", {"l": "b;a;b"}),
        ("SORT l", {"l": "a;b;b"}),
        ("FILTER l EXCLUDE REGEX ^b", {"l": "a"}),
        ("TRANSFORM l APPEND .c", {"l": "b.c;a.c;b.c"}),
        ("LENGTH l r", {"r": "3"}),
        ("GET l 1 r", {"r": "a"}),
        ("FIND l c r", {"r": "-1"}),
        ("JOIN l , r", {"r": "b,a,b"}),
        ("SUBLIST l 1 -1 r", {"r": "a;b"}),
    ],
)
def test_list_is_changed_or_read(command: str, expected: dict[str, str]) -> None:
    assert run(command.split(), {"l": "b;a;b"}) == expected


@pytest.mark.parametrize("command", ["POP_BACK l", "GET l 7 r", "INSERT l x y", "TRANSFORM l REPLACE a b", "", "SORT"])
def test_what_is_not_known_is_refused(command: str) -> None:
    with pytest.raises(ValueError, match="list"):
        run(command.split(), {"l": "b;a;b"})


def test_keyword_arguments_sorts_values_and_takes_quoted_lists_apart() -> None:
    values = keyword_arguments(["x", "SRCS", "a;c", "b", "REQUIRES"], frozenset({"SRCS", "REQUIRES"}))

    assert values == {"": ["x"], "SRCS": ["a", "c", "b"], "REQUIRES": []}
