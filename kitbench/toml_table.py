"""Tables of a TOML file that people write by hand: fields that there are not, that lack, or that hold something else.

Each mistake is a `ValueError` of one line which says where, what was found and what was expected.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kitbench.spelling import did_you_mean

#: Characters of a value in a message.
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Field:
    """What a field of a table may hold.

    Attributes:
        expected: in words: "true or false".
        fits: whether a value is that.
        needed: whether the table must have it.
    """

    expected: str
    fits: Callable[[Any], bool]
    needed: bool = False


def is_text(value: object) -> bool:
    """Whether it is a text with something in it."""
    return isinstance(value, str) and bool(value.strip())


def is_whole(value: object) -> bool:
    """Whether it is a whole number; in Python, a truth value is one, too."""
    return isinstance(value, int) and not isinstance(value, bool)


def is_number(value: object) -> bool:
    """Whether it is a number."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_flag(value: object) -> bool:
    """Whether it is true or false."""
    return isinstance(value, bool)


def is_list_of(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    """Return what tells a list whose items are all of one sort."""
    return lambda value: isinstance(value, list | tuple) and all(fits(one) for one in value)


def is_table(value: object) -> bool:
    """Whether it is a table."""
    return isinstance(value, Mapping)


FLAG: Final = Field("true or false", is_flag)


def check_table(where: str, table: object, fields: Mapping[str, Field], *, within: str = "") -> None:
    """Make sure that a table has the fields that it needs, no others, and in each what belongs there.

    Args:
        where: how messages name the table: ``"[traffic]"``, ``"criterion 'connects'"``.
        table: as `tomllib` read it.
        fields: those that there are, by name.
        within: what is said of a table that is none: how it is written.

    Raises:
        ValueError: with one line about the first mistake.
    """
    if not isinstance(table, Mapping):
        raise ValueError(  # noqa: TRY004 - a mistake in a file, not in a call
            f"{where} is {shown(table)}, expected {within or 'a table'}"
        )
    for name, value in table.items():
        if name not in fields:
            raise ValueError(f"{where} has no field {name!r}: {did_you_mean(name, fields)}")
        if not fields[name].fits(value):
            raise ValueError(f"{where}: {name} is {shown(value)}, expected {fields[name].expected}")
    lacking = next((name for name, field in fields.items() if field.needed and name not in table), None)
    if lacking is not None:
        raise ValueError(f"{where} has no {lacking!r}: expected {fields[lacking].expected}")


def shown(value: object) -> str:
    """Return a value as a message shows it, short whatever it is."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
