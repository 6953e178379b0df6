"""Kconfig: a text in quotes, in which `$(…)` would call a macro, one of which is a shell; and a value in an sdkconfig.

Source: esp-idf-kconfig, `_expand_str` (a backslash makes any character that follows plain) and `_tokenize` (afterwards
`$NAME` becomes a variable of the environment all the same).
"""

import re
from typing import Final

_SPECIAL: Final = re.compile(r'[\\"]')
#: Of Python's `splitlines`, by which the evaluator may read.
_LINE_END: Final = re.compile("[\\n\\r\\x0b\\x0c\\x1c-\\x1e\\x85\\u2028\\u2029\\x00]")


def quoted(text: str) -> str:
    """Return the text as a string of Kconfig.

    Raises:
        ValueError: it has characters that Kconfig cannot hold.
    """
    if not text.isprintable():
        raise ValueError("a name with control characters cannot stand in Kconfig")
    if "$" in text:
        raise ValueError("a name with a dollar sign cannot stand in Kconfig")
    return '"' + _SPECIAL.sub(r"\\\g<0>", text) + '"'


def value(text: str) -> str:
    """Return the text as a string in an sdkconfig, where nothing is expanded and each line is an assignment.

    Raises:
        ValueError: it does not fit into a line.
    """
    if _LINE_END.search(text):
        raise ValueError("a value with line ends cannot stand in an sdkconfig")
    return '"' + _SPECIAL.sub(r"\\\g<0>", text) + '"'
