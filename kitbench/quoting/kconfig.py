"""Kconfig: a text in quotes, in which `$(…)` would call a macro, one of which is a shell.

Source: esp-idf-kconfig, `_expand_str` (a backslash makes any character that follows plain) and `_tokenize` (afterwards
`$NAME` becomes a variable of the environment all the same).
"""

import re
from typing import Final

_SPECIAL: Final = re.compile(r'[\\"]')


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
