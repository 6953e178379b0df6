"""The text format of `sdkconfig`: `CONFIG_X=value` and `# CONFIG_X is not set`.

Source: ESP-IDF, API guides, "Project Configuration"; esp-idf-kconfig, `Symbol.config_string`.
"""

import re
from collections.abc import Mapping
from typing import Final

#: More than any sdkconfig of ESP-IDF (about 120 KB), little enough to read at once.
MAX_SIZE: Final = 1 << 20

_ASSIGNMENT: Final = re.compile(r"(?:CONFIG_)([A-Za-z0-9_]+)=(.*)")
_NOT_SET: Final = re.compile(r"# CONFIG_([A-Za-z0-9_]+) is not set")
_NUMBER: Final = re.compile(r"-?(?:0x[0-9a-fA-F]+|\d+)")
_ESCAPED: Final = re.compile(r"\\(.)")


class SdkconfigError(ValueError):
    """A line of an sdkconfig is none; the message begins with its number."""


def parse(text: str) -> dict[str, str]:
    """Return symbol (without `CONFIG_`) → value; strings unquoted, unset booleans ``"n"``.

    Raises:
        SdkconfigError: a line is neither an assignment nor a comment.
    """
    values: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if match := _NOT_SET.fullmatch(stripped):
            values[match[1]] = "n"
        elif match := _ASSIGNMENT.fullmatch(stripped):
            values[match[1]] = _unquote(match[2], number)
        elif stripped and not stripped.startswith("#"):
            raise SdkconfigError(f"{number}: expected CONFIG_X=value, found {stripped[:60]!r}")
    return values


def _unquote(value: str, number: int) -> str:
    if not value.startswith('"'):
        return value
    if len(value) < 2 or not value.endswith('"'):
        raise SdkconfigError(f"{number}: string without its closing quote")
    return _ESCAPED.sub(r"\1", value[1:-1])


def symbol_name(name: str) -> str:
    """Return the symbol's name without the prefix `CONFIG_`, which both forms may have."""
    return name.removeprefix("CONFIG_")


def quote(value: str) -> str:
    """Return a string value as sdkconfig and C write it, in double quotes."""
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def assignment(name: str, value: str) -> str:
    """Return one line for a symbol whose type is not known: y, n and numbers bare, anything else quoted."""
    if value == "n":
        return f"# CONFIG_{name} is not set"
    bare = value == "y" or _NUMBER.fullmatch(value)
    return f"CONFIG_{name}={value if bare else quote(value)}"


def serialize(values: Mapping[str, str]) -> str:
    """Return the text of an sdkconfig with these values, in their order."""
    return "".join(assignment(symbol_name(name), value) + "\n" for name, value in values.items())
