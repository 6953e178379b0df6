"""Line and column of an offset in the text that surrounds it."""

from typing import Final

_TEXT: Final = frozenset(range(0x20, 0x7F)) | {0x09, 0x0A, 0x0D}
_FARTHEST: Final = 1 << 16


def text_position(dump: bytes, offset: int) -> tuple[int | None, int | None]:
    """Return line and column, from 1, within the run of printable text around an offset; None for no text.

    The text is what is between bytes that are not printable, such as an embedded PEM file; an editor that opened the
    file would give the same numbers.
    """
    if offset >= len(dump) or dump[offset] not in _TEXT:
        return None, None
    begin = offset
    lowest = max(0, offset - _FARTHEST)
    while begin > lowest and dump[begin - 1] in _TEXT:
        begin -= 1
    before = dump[begin:offset]
    return before.count(b"\n") + 1, offset - (before.rfind(b"\n") + begin)
