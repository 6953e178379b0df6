"""CMake's regular expressions, in bounds: Python's own engine would work on a hostile one for ever.

Source: cmake-commands(7), "string", "Regex Specification".
"""

import re
from typing import Final

_MAX_PATTERN: Final = 200
#: The longest text by the number of repetitions, each of which multiplies the time by the text's length.
_MAX_TEXT: Final = (64 * 1024, 4000, 400)
_REPEATED_GROUP: Final = re.compile(r"\)[*+]")
_REPETITION: Final = re.compile(r"(?<!\\)[*+]")
_CHARACTER_CLASS: Final = re.compile(r"\[\^?\]?[^\]]*\]")
_NOT_SPECIAL: Final = re.compile(r"[{}]")
_ESCAPED: Final = re.compile(r"\\([A-Za-z0-9])")


class NotFollowedError(ValueError):
    """What CMake has, and the virtual kit's interpreter has not; the text names it."""


class PatternError(ValueError):
    """It is no regular expression."""


def compile_pattern(pattern: str, text: str) -> re.Pattern[str]:
    """Return the expression for Python's engine, made sure to end soon on `text`.

    Raises:
        PatternError: it is no regular expression.
        NotFollowedError: it could take too long.
    """
    outside_classes = _CHARACTER_CLASS.sub("x", pattern)
    repetitions = len(_REPETITION.findall(outside_classes))
    is_slow = repetitions >= len(_MAX_TEXT) or len(text) > _MAX_TEXT[repetitions]
    if len(pattern) > _MAX_PATTERN or is_slow or _REPEATED_GROUP.search(outside_classes):
        raise NotFollowedError(f"the regular expression {pattern[:60]!r}, which could take long")
    # A backslash before a letter means the letter, and braces mean themselves.
    plain = _NOT_SPECIAL.sub(r"\\\g<0>", _ESCAPED.sub(r"\1", pattern))
    try:
        return re.compile(plain)
    except re.error as error:
        raise PatternError(f"{pattern[:60]!r} is no regular expression: {error}") from error
