"""C: a text as a string literal, and a name as a part of a symbol.

Source: ISO/IEC 9899:2018, 6.4.4.4 (escape sequences) and 5.1.1.2 (where lines end).
"""

import re
from typing import Final

_SPECIAL: Final = re.compile(r'[\\"]')
#: Clang ends a line at a carriage return, too.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_NOT_OF_A_NAME: Final = re.compile(r"\W", re.ASCII)


def string(text: str) -> str:
    """Return the text as a string literal; control characters as three octal digits, which no digit can follow."""
    return '"' + _CONTROL.sub(lambda match: f"\\{ord(match[0]):03o}", _SPECIAL.sub(r"\\\g<0>", text)) + '"'


def symbol_part(name: str) -> str:
    """Return the name of a file as ESP-IDF puts it into a symbol: `a b.c` becomes `a_b_c`."""
    return _NOT_OF_A_NAME.sub("_", name)
