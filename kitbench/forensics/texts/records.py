"""Records of loaders and mails: Intel HEX, Motorola's S-records, uuencode."""

import binascii
import re
from collections.abc import Iterator
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Whole
from kitbench.forensics.texts.stretch import Span, joined, text_spans

_FEWEST: Final = 2
#: Count, offset, type 00, data, checksum.
_INTEL: Final = re.compile(rb":[0-9A-Fa-f]{6}00(?P<data>(?:[0-9A-Fa-f]{2}){1,255})[0-9A-Fa-f]{2}(?=[\r\n]|\Z)")
#: Type by the width of the address, count, address, data, checksum.
_MOTOROLA: Final = re.compile(
    rb"S(?:1[0-9A-Fa-f]{6}|2[0-9A-Fa-f]{8}|3[0-9A-Fa-f]{10})(?P<data>(?:[0-9A-Fa-f]{2}){1,250})[0-9A-Fa-f]{2}(?=[\r\n]|\Z)"
)
#: A line of 45 bytes and what follows it, the last one shorter.
_UUENCODED: Final = re.compile(
    rb"(?:M[ -`]{60}\r?\n){1,400}(?:[!-L][ -`]{4,60}(?=[\r\n]|\Z))?|[!-L][ -`]{44,60}(?=[\r\n]|\Z)"
)


def record_layers(layer: Layer) -> Iterator[Layer]:
    """Yield the data of each row of records; those of hexadecimal ones are still to be read as hex."""
    for span in text_spans(layer.data):
        for record in (_INTEL, _MOTOROLA):
            data = [match.span("data") for match in record.finditer(layer.data, *span)]
            if len(data) >= _FEWEST:
                yield joined(layer, data, "records")
        yield from _uuencoded(layer, span)


def _uuencoded(layer: Layer, span: Span) -> Iterator[Layer]:
    for match in _UUENCODED.finditer(layer.data, *span):
        lines = match[0].splitlines()
        try:
            data = b"".join(binascii.a2b_uu(line) for line in lines)
        except binascii.Error:
            continue
        yield Layer(data, "uuencode", layer, Whole(*match.span()))
