"""The text format of `sdkconfig`: `CONFIG_X=value` and `# CONFIG_X is not set`.

Source: ESP-IDF, API guides, "Project Configuration"; esp-idf-kconfig, `Symbol.config_string`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from kitbench.errors import UsageError
from kitbench.quoting import kconfig

#: More than any sdkconfig of ESP-IDF (about 120 KB), little enough to read at once.
MAX_SIZE: Final = 1 << 20

_ASSIGNMENT: Final = re.compile(r"CONFIG_([A-Za-z0-9_]+)=(.*)")
_NOT_SET: Final = re.compile(r"# CONFIG_([A-Za-z0-9_]+) is not set")
_STRING: Final = re.compile(r'"((?:[^\\"]|\\.)*)"')
_NUMBER: Final = re.compile(r"-?(?:0x[0-9a-fA-F]+|\d+)")
_ESCAPED: Final = re.compile(r"\\(.)")


@dataclass(frozen=True, slots=True)
class Value:
    """A symbol's value: strings without their quotes, unset booleans ``"n"``."""

    text: str
    is_string: bool


def read(text: str) -> dict[str, Value]:
    """Return symbol (without `CONFIG_`) → value, by ESP-IDF's own rules.

    Quotes make a string, whatever stands between them; nothing behind `=` is n, as ESP-IDF 3 wrote it. Lines that are
    neither are passed over with a warning there, and here without one.
    """
    values: dict[str, Value] = {}
    for line in text.split("\n"):
        stripped = line.rstrip()
        if match := _NOT_SET.fullmatch(stripped):
            values[match[1]] = Value("n", is_string=False)
        elif (match := _ASSIGNMENT.fullmatch(stripped)) and (value := _value(match[2])):
            values[match[1]] = value
    return values


def _value(text: str) -> Value | None:
    if not text.startswith('"'):
        return Value(text or "n", is_string=False)
    match = _STRING.fullmatch(text)
    return Value(_ESCAPED.sub(r"\1", match[1]), is_string=True) if match else None


def parse(text: str) -> dict[str, str]:
    """Return symbol (without `CONFIG_`) → value; strings unquoted, unset booleans ``"n"``."""
    return {name: value.text for name, value in read(text).items()}


def decode(content: bytes) -> str:
    """Return the text of an sdkconfig, whose bytes may be of any encoding; `encode` gives the same bytes again."""
    return content.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Return the bytes of a text that `decode` made."""
    return text.encode("utf-8", "surrogateescape")


def symbol_name(name: str) -> str:
    """Return the symbol's name without the prefix `CONFIG_`, which both forms may have."""
    return name.removeprefix("CONFIG_")


def quote(value: str) -> str:
    """Return a string value as an sdkconfig writes it, in double quotes.

    Raises:
        UsageError: it does not fit into a line.
    """
    try:
        return kconfig.value(value)
    except ValueError as error:
        raise UsageError(str(error), stage="build") from error


def assignment(name: str, value: str) -> str:
    """Return one line for a symbol whose type is not known: y, n and numbers bare, anything else quoted."""
    if value == "n":
        return f"# CONFIG_{name} is not set"
    bare = value == "y" or _NUMBER.fullmatch(value)
    return f"CONFIG_{name}={value if bare else quote(value)}"


def serialize(values: Mapping[str, str]) -> str:
    """Return the text of an sdkconfig with these values, in their order."""
    return "".join(assignment(symbol_name(name), value) + "\n" for name, value in values.items())
