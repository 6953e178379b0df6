"""A key as one number: decimal, or in the digits of base58."""

import re
from collections.abc import Iterator
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Whole
from kitbench.forensics.texts.stretch import text_spans

#: From a raw P-256 key, with a few zeros at its head, to the DER of an RSA-2048 key.
_DECIMAL: Final = re.compile(rb"(?<![0-9])[0-9]{70,3000}+(?![0-9])")
_BASE58: Final = re.compile(rb"(?<![0-9A-Za-z])[1-9A-HJ-NP-Za-km-z]{41,1700}+(?![0-9A-Za-z])")
_DIGITS: Final = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_VALUES: Final = {digit: value for value, digit in enumerate(_DIGITS)}
_SHORTEST: Final = 32


def big_number_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each number of many digits as its bytes, the highest first."""
    for span in text_spans(layer.data):
        for match in _DECIMAL.finditer(layer.data, *span):
            yield _number(layer, match, "decimal", int(match[0]))
        for match in _BASE58.finditer(layer.data, *span):
            value = 0
            for digit in match[0]:
                value = value * 58 + _VALUES[digit]
            yield _number(layer, match, "base58", value)


def _number(layer: Layer, match: re.Match[bytes], form: str, value: int) -> Layer:
    data = value.to_bytes(max(_SHORTEST, (value.bit_length() + 7) // 8))
    return Layer(data, form, layer, Whole(*match.span()))
