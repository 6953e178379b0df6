"""A hexdump that shows where a secret stands without showing it."""

import re
from typing import Final

_ROW: Final = 16
_ROWS: Final = 6
_PEM_LABEL: Final = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}-----")
_MASKED: Final = "··"


def masked_hexdump(dump: bytes, begin: int, end: int) -> tuple[str, ...]:
    """Return rows of 16 bytes from the row of `begin` on; all but a PEM's BEGIN line is masked.

    Neither the bytes before nor those behind are shown: they may be another secret.
    """
    label = _PEM_LABEL.match(dump, begin)
    shown_end = label.end() if label else begin
    first = begin - begin % _ROW
    rows = range(first, min(end, first + _ROW * _ROWS), _ROW)
    return tuple(_row(dump, at, begin, shown_end) for at in rows)


def _row(dump: bytes, at: int, begin: int, shown_end: int) -> str:
    row = dump[at : at + _ROW]
    shown = [begin <= at + index < shown_end for index in range(len(row))]
    codes = " ".join(f"{byte:02x}" if show else _MASKED for byte, show in zip(row, shown, strict=True))
    text = "".join(chr(byte) if show else "·" for byte, show in zip(row, shown, strict=True))
    return f"{at:08x}  {codes:<47}  |{text}|"
