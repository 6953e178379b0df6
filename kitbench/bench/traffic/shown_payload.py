"""Does a message stand on the serial line, however the firmware shows it? Pure."""

import re
from typing import Final

#: What esp_log puts before a line: level, milliseconds, tag.
_LOG_PREFIX: Final = re.compile(r"^[EWIDV] \(\d+\) [^:\n]*: ?", re.MULTILINE)
#: A long message fills a line of the log, or more than the firmware's buffer.
_LOOKED_FOR: Final = 200


def is_shown(payload: bytes, printed: str) -> bool:
    """Return whether the payload stands in what was printed: as text, whatever its white space, or as hex digits.

    An empty payload, or one of white space alone, can be shown by nobody and is taken as shown.
    """
    text = _squeezed(payload.decode(errors="replace")).strip()
    if not text:
        return True
    return _is_in(text, _squeezed(_LOG_PREFIX.sub("", printed))) or (
        not _is_text(payload) and _is_shown_in_hex(payload, printed)
    )


def _is_in(text: str, printed: str) -> bool:
    """Say whether a text stands there as a whole: an "x" is no part of "max"."""
    before = r"(?<!\w)" if text[0].isalnum() else ""
    after = r"(?!\w)" if text[-1].isalnum() and len(text) <= _LOOKED_FOR else ""
    return re.search(before + re.escape(text[:_LOOKED_FOR]) + after, printed) is not None


def _is_shown_in_hex(payload: bytes, printed: str) -> bool:
    digits = re.sub(r"[\s:,]|0x", "", _LOG_PREFIX.sub("", printed)).lower()
    return payload.hex()[:_LOOKED_FOR] in digits


def _is_text(payload: bytes) -> bool:
    try:
        return all(character.isprintable() or character.isspace() for character in payload.decode())
    except UnicodeDecodeError:
        return False


def _squeezed(text: str) -> str:
    """Return a text with each run of white space as one blank."""
    return re.sub(r"\s+", " ", text.replace("\0", ""))
