"""A host name as people write and paste it."""

import re
import unicodedata
from typing import Final

#: What people paste around a name: quotes, angle brackets, white space and no-break space.
_AROUND: Final = "\"'<> \t\r\n\xa0"
_SCHEME: Final = re.compile(r"^[a-z][a-z0-9+.-]*://")
_AFTER_HOST: Final = re.compile(r"[/?#].*$", re.DOTALL)
_PORT: Final = re.compile(r":\d{1,5}$")
_HOST: Final = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]{0,62})(\.[a-z0-9]([a-z0-9-]{0,62}))*")


def without_trimmings(text: str) -> str:
    """Return a host name without scheme, port, path, blanks, quotes and what is invisible, in lower case."""
    visible = "".join(character for character in text if unicodedata.category(character) != "Cf")
    host = _SCHEME.sub("", visible.strip(_AROUND).lower())
    return _PORT.sub("", _AFTER_HOST.sub("", host)).rstrip(f".{_AROUND}")


def bare_host(text: str) -> str:
    """Return the host name in a text, "" where there is none."""
    host = without_trimmings(text)
    return host if _HOST.fullmatch(host) else ""
