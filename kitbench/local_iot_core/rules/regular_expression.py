"""Regular expressions of rules: Java's replacement syntax, and none that takes for ever. Pure."""

import re
from functools import lru_cache
from typing import Any, Final

#: What a repetition within a repetition is made of, in the standard library's parse tree.
_REPEATS: Final = frozenset({"MAX_REPEAT", "MIN_REPEAT"})
_LONGEST: Final = 256


class RegularExpressionError(ValueError):
    """A pattern that is none, or that may take exponential time."""


@lru_cache(maxsize=256)
def compiled(pattern: str) -> re.Pattern[str]:
    """Return a pattern.

    Raises:
        RegularExpressionError: it is none, too long, or repeats what repeats: that can take exponential time.
    """
    if len(pattern) > _LONGEST:
        raise RegularExpressionError("pattern is too long")
    try:
        tree = re._parser.parse(pattern)  # type: ignore[attr-defined]  # noqa: SLF001 - the only parser there is
        if _repeats_repetitions(tree, inside=False):
            raise RegularExpressionError("pattern repeats what repeats")
        return re.compile(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        raise RegularExpressionError(str(error)) from error


def _repeats_repetitions(tree: Any, *, inside: bool) -> bool:
    for operation, argument in tree:
        unbounded = str(operation) in _REPEATS and int(argument[1]) > 1
        if unbounded and inside:
            return True
        if any(_repeats_repetitions(part, inside=inside or unbounded) for part in _parts(argument)):
            return True
    return False


def _parts(argument: Any) -> list[Any]:
    """Return the parse trees within an operation's argument."""
    if isinstance(argument, re._parser.SubPattern):  # type: ignore[attr-defined]  # noqa: SLF001 - as above
        return [argument]
    if isinstance(argument, list | tuple):
        return [part for item in argument for part in _parts(item)]
    return []


def replacement(text: str) -> str:
    r"""Return Java's replacement text (``$1``) as Python's (``\g<1>``)."""
    return re.sub(r"\$(\d)", r"\\g<\1>", text.replace("\\", "\\\\"))
