"""CMake's `list()`, and what else works on lists: texts joined by semicolons.

Each function takes expanded arguments and the variables, and returns the variables that it sets.
Source: cmake-commands(7), "list", "foreach", "cmake_parse_arguments".
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from kitbench.virtual_kit.toolchain.cmake.pattern import NotFollowedError, compile_pattern

_SEPARATOR: Final = re.compile(r"(?<!\\);")
_MAX_RANGE: Final = 1000


def split(text: str) -> list[str]:
    """Return a list's elements; empty ones vanish, as in an unquoted argument."""
    return [item for item in _SEPARATOR.split(text) if item]


def keyword_arguments(arguments: Iterable[str], keywords: frozenset[str]) -> dict[str, list[str]]:
    """Sort arguments under the keyword before them, as cmake_parse_arguments does; "" holds those before the first.

    A quoted list counts as its elements.
    """
    values: dict[str, list[str]] = {"": []}
    current = ""
    for argument in arguments:
        if argument in keywords:
            current = argument
            values.setdefault(current, [])
        else:
            values[current] += split(argument)
    return values


def parse_arguments(arguments: Sequence[str], variables: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG001 - as all
    """Return what `cmake_parse_arguments(prefix options single multiple values…)` sets.

    Raises:
        ValueError: it has too few arguments.
    """
    if len(arguments) < 4 or arguments[0] == "PARSE_ARGV":
        raise ValueError("expected cmake_parse_arguments(prefix options single multiple values...)")
    prefix, *texts = arguments[:4]
    options, single, multiple = (split(text) for text in texts)
    found = {f"{prefix}_{name}": "FALSE" for name in options}
    current = ""
    rest: dict[str, list[str]] = {}
    for value in arguments[4:]:
        if value in options:
            found[f"{prefix}_{value}"], current = "TRUE", ""
        elif value in single or value in multiple:
            current = value
            rest.setdefault(current, [])
        else:
            rest.setdefault(current or "UNPARSED_ARGUMENTS", []).append(value)
            current = "" if current in single else current
    return found | {f"{prefix}_{name}": ";".join(values) for name, values in rest.items()}


def foreach_items(arguments: Sequence[str], variables: Mapping[str, str]) -> tuple[str, list[str]]:
    """Return the loop's variable and what it goes through.

    Raises:
        ValueError: the loop is of a form that is not followed.
    """
    if not arguments:
        raise ValueError("foreach() without a variable")
    name, *rest = arguments
    if rest[:1] == ["RANGE"]:
        return name, _range(rest[1:])
    if rest[:1] != ["IN"]:
        return name, rest
    words = keyword_arguments(rest[1:], frozenset({"LISTS", "ITEMS"}))
    if words[""]:
        raise NotFollowedError(f"CMake's foreach(IN {words[''][0]})")
    listed = [item for of in words.get("LISTS", []) for item in split(variables.get(of, ""))]
    return name, listed + words.get("ITEMS", [])


def _range(bounds: list[str]) -> list[str]:
    if not bounds or not all(re.fullmatch(r"-?\d{1,9}", bound) for bound in bounds[:3]):
        raise ValueError("expected foreach(x RANGE start stop step)")
    numbers = [int(bound) for bound in bounds[:3]]
    start, stop, step = ([0, *numbers, 1] if len(numbers) == 1 else [*numbers, 1])[:3]
    numbers_in_range = range(start, stop + 1, max(step, 1))
    if len(numbers_in_range) > _MAX_RANGE:
        raise ValueError(f"foreach() goes through more than {_MAX_RANGE} numbers")
    return [str(number) for number in numbers_in_range]


def run(arguments: Sequence[str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return what a `list()` command sets.

    Raises:
        ValueError: an operation that is not followed, or with wrong arguments.
    """
    operation, *rest = arguments or [""]
    if operation not in {*_READERS, *_CHANGERS} or not rest:
        raise NotFollowedError(f"CMake's list({operation})")
    items = split(variables.get(rest[0], ""))
    try:
        if operation in _CHANGERS:
            return {rest[0]: ";".join(_CHANGERS[operation](items, rest[1:]))}
        return {rest[-1]: _READERS[operation](items, rest[1:-1])}
    except NotFollowedError:
        raise
    except (IndexError, ValueError) as error:
        raise ValueError(f"list({operation}): {error}") from error


def _insert(items: list[str], values: list[str]) -> list[str]:
    position = int(values[0])
    return items[:position] + values[1:] + items[position:]


def _remove_at(items: list[str], values: list[str]) -> list[str]:
    gone = {int(value) % len(items) for value in values} if items else set()
    return [item for number, item in enumerate(items) if number not in gone]


def _filter(items: list[str], values: list[str]) -> list[str]:
    if len(values) != 3 or values[0] not in {"INCLUDE", "EXCLUDE"} or values[1] != "REGEX":
        raise ValueError("expected FILTER list INCLUDE|EXCLUDE REGEX expression")
    wanted = values[0] == "INCLUDE"
    return [item for item in items if bool(compile_pattern(values[2], item).search(item)) is wanted]


def _transform(items: list[str], values: list[str]) -> list[str]:
    changes: dict[str, Callable[[str, str], str]] = {
        "PREPEND": lambda item, text: text + item,
        "APPEND": lambda item, text: item + text,
        "TOLOWER": lambda item, _: item.lower(),
        "TOUPPER": lambda item, _: item.upper(),
        "STRIP": lambda item, _: item.strip(),
    }
    if not values or values[0] not in changes or len(values) > 2:
        raise NotFollowedError(f"CMake's list(TRANSFORM {' '.join(values[:1])})")
    return [changes[values[0]](item, values[-1]) for item in items]


_CHANGERS: Final[Mapping[str, Callable[[list[str], list[str]], list[str]]]] = {
    "APPEND": lambda items, values: items + values,
    "PREPEND": lambda items, values: values + items,
    "INSERT": _insert,
    "REMOVE_ITEM": lambda items, values: [item for item in items if item not in values],
    "REMOVE_AT": _remove_at,
    "REMOVE_DUPLICATES": lambda items, _: list(dict.fromkeys(items)),
    "REVERSE": lambda items, _: items[::-1],
    "SORT": lambda items, _: sorted(items),
    "FILTER": _filter,
    "TRANSFORM": _transform,
}
_READERS: Final[Mapping[str, Callable[[list[str], list[str]], str]]] = {
    "LENGTH": lambda items, _: str(len(items)),
    "GET": lambda items, values: ";".join(items[int(value)] for value in values),
    "FIND": lambda items, values: str(items.index(values[0]) if values[0] in items else -1),
    "JOIN": lambda items, values: values[0].join(items),
    "SUBLIST": lambda items, values: ";".join(
        items[int(values[0]) : None if values[1] == "-1" else int(values[0]) + int(values[1])]
    ),
}
