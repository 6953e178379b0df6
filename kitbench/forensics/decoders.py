"""Decoders of text and compression: base64, hex, C arrays, UTF-16, gzip and zlib.

Each takes a layer and yields what it may hold; the audit applies them again to what comes out.
"""

import binascii
import functools
import re
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np

from kitbench.forensics.layer import Layer
from kitbench.forensics.work_budget import Work, WorkBudget

#: A raw P-256 key has 43 base64 digits; shorter runs cannot hold a key.
_SHORTEST_BASE64: Final = 43
_SHORTEST_HEX: Final = 64
#: A compressed stream may unfold to this at most; the audit's own budget bounds the sum.
MAX_INFLATED: Final = 4 << 20
#: A stream is fed so many bytes at first, and costs at least as much to try; noise of 16 MB has about 1300 headers.
_FIRST_STEP: Final = 256
#: A raw P-256 key.
_SHORTEST_INFLATED: Final = 32

Digits = np.ndarray[tuple[int], np.dtype[np.bool]]


def _digits(alphabet: bytes) -> Digits:
    """Return for each of the 256 bytes whether it is in the alphabet."""
    table = np.zeros(256, np.bool)
    table[np.frombuffer(alphabet, np.uint8)] = True
    return table


_HEX_DIGITS: Final = _digits(b"0123456789ABCDEFabcdef")
_BASE64_DIGITS: Final = _digits(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/-_")
_SEPARATOR: Final = rb"(?:\\[rn]?|[\"\s\x00]){1,48}+"
_BASE64_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]{24,}+(?:" + _SEPARATOR + rb"[A-Za-z0-9+/_-]++)*+")
_ESCAPED_NEWLINE: Final = re.compile(rb"\\[rn]")
_HEX_RUN: Final = re.compile(rb"[0-9A-Fa-f]{2}(?:[:\s,-]{0,3}+[0-9A-Fa-f]{2}){31,}+[0-9A-Fa-f]?")
_C_ARRAY: Final = re.compile(rb"0[xX][0-9A-Fa-f]{1,2}(?:[\s,]{1,40}0[xX][0-9A-Fa-f]{1,2}){31,}+")
_C_NUMBER: Final = re.compile(rb"0[xX]([0-9A-Fa-f]{1,2})")
_UTF16_LE: Final = re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00){32,}+")
_UTF16_BE: Final = re.compile(rb"(?:\x00[\t\r\n\x20-\x7e]){32,}+")
_DEFLATED: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


def base64_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each run of base64 digits, also split over lines and url-safe, decoded at its four phases."""
    for match in _BASE64_RUN.finditer(layer.data):
        run = _ESCAPED_NEWLINE.sub(b"  ", match[0]).translate(_URL_SAFE)
        digits, starts, origins = _pieces(run, _BASE64_DIGITS, match.start())
        if len(digits) < _SHORTEST_BASE64:
            continue
        for phase in range(4):
            usable = digits[phase:]
            decoded = binascii.a2b_base64(usable[: len(usable) // 4 * 4])
            tail = usable[len(usable) // 4 * 4 :]
            if len(tail) >= 2:
                decoded += binascii.a2b_base64(tail.ljust(4, b"="))
            yield Layer(decoded, "base64", layer, (4, 3), starts, origins, match.end(), phase)


_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def hex_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each run of hex digits, also separated by blanks, colons or commas, decoded at both phases."""
    for match in _HEX_RUN.finditer(layer.data):
        digits, starts, origins = _pieces(match[0], _HEX_DIGITS, match.start())
        for phase in range(2):
            usable = digits[phase:]
            if len(usable) >= _SHORTEST_HEX:
                decoded = bytes.fromhex(usable[: len(usable) // 2 * 2].decode())
                yield Layer(decoded, "hex", layer, (2, 1), starts, origins, match.end(), phase)


def c_array_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each C array of bytes, `0x30, 0x77, …`."""
    for match in _C_ARRAY.finditer(layer.data):
        decoded = bytearray()
        origins = array("I")
        for number in _C_NUMBER.finditer(layer.data, match.start(), match.end()):
            decoded.append(int(number[1], 16))
            origins.append(number.start())
        yield Layer(bytes(decoded), "c_array", layer, (1, 1), range(len(decoded)), origins, match.end())


def utf16_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each run of ASCII in UTF-16, of either byte order, as ASCII."""
    for pattern, first in ((_UTF16_LE, 0), (_UTF16_BE, 1)):
        for match in pattern.finditer(layer.data):
            yield Layer(match[0][first::2], "utf16", layer, (2, 1), (0,), (match.start(),), match.end())


def deflate_layers(layer: Layer, work: WorkBudget) -> Iterator[Layer]:
    """Yield what follows each gzip or zlib header, as far as it unfolds, up to `MAX_INFLATED` bytes.

    Raises:
        WorkExhaustedError: more to unfold than any honest image has.
    """
    for match in _DEFLATED.finditer(layer.data):
        gzip = match[0][0] == 0x1F
        decoded, consumed = _inflate(memoryview(layer.data)[match.start() :], wbits=31 if gzip else 15)
        work.spend(Work.STREAMED, max(_FIRST_STEP, consumed) + len(decoded), layer)
        if len(decoded) >= _SHORTEST_INFLATED:
            end = match.start() + consumed
            yield Layer(decoded, "gzip" if gzip else "zlib", layer, (0, 1), (0,), (match.start(),), end)


def _inflate(data: memoryview, *, wbits: int) -> tuple[bytes, int]:
    """Return what a stream unfolds to, and how many bytes of `data` it took."""
    stream = zlib.decompressobj(wbits=wbits)
    decoded = bytearray()
    # A header that stands there by chance fails within a few bytes: feed little by little.
    position, step = 0, _FIRST_STEP
    try:
        while position < len(data) and not stream.eof and len(decoded) < MAX_INFLATED:
            decoded += stream.decompress(data[position : position + step], MAX_INFLATED - len(decoded))
            position = min(position + step, len(data))
            step = min(2 * step, 1 << 16)
    except zlib.error:
        pass  # what came before the damage counts
    return bytes(decoded), position - len(stream.unused_data)


def decoders(work: WorkBudget) -> tuple[Callable[[Layer], Iterator[Layer]], ...]:
    """Return all decoders; what they yield is the caller's to count, what they try in vain counts as work."""
    return base64_layers, hex_layers, c_array_layers, utf16_layers, functools.partial(deflate_layers, work=work)


#: Positions of pieces: arrays, for a run may consist of a million words.
_Positions = Sequence[int]


def _pieces(run: bytes, is_digit: Digits, base: int) -> tuple[bytes, _Positions, _Positions]:
    """Return the digits without separators, and where each piece of them begins in digits and in the layer."""
    mask = is_digit[np.frombuffer(run, np.uint8)]
    begins = np.flatnonzero(mask[1:] & ~mask[:-1]) + 1
    if mask[0]:
        begins = np.insert(begins, 0, 0)
    # A piece begins in the digits where as many digits as there are stand before it.
    starts = np.cumsum(mask, dtype=np.uint32)[begins] - 1
    return np.frombuffer(run, np.uint8)[mask].tobytes(), _positions(starts), _positions(begins + base)


def _positions(numbers: np.ndarray[tuple[int], np.dtype[np.integer]]) -> _Positions:
    return array("I", numbers.astype(np.uint32).tobytes())
