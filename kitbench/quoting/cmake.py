"""CMake: names of files as a list. It is all that varies in what we tell CMake; no command that it runs holds a name.

Source: cmake-language(7), "Lists": a semicolon parts elements, save within square brackets or behind a backslash.
"""

import re
from collections.abc import Sequence
from typing import Final

_MEANS_SOMETHING: Final = re.compile(r'[;\[\]\\"$]')


def listed(names: Sequence[str]) -> str:
    """Return the names as one list.

    Raises:
        ValueError: one has a character that a list or a variable's reference is made of, or is no printable text.
    """
    for name in names:
        if not name or not name.isprintable() or _MEANS_SOMETHING.search(name):
            raise ValueError("a name with CMake's own characters cannot stand in a list")
    return ";".join(names)
