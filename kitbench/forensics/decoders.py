"""Decoders of text and compression: base64, hex, C arrays, UTF-16, gzip and zlib.

Each takes a layer and yields what it may hold; the audit applies them again to what comes out.
"""

import binascii
import re
import zlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from kitbench.forensics.layer import Layer

#: A raw P-256 key has 43 base64 digits; shorter runs cannot hold a key.
_SHORTEST_BASE64: Final = 43
_SHORTEST_HEX: Final = 64
#: A compressed stream may unfold to this at most; the audit's own budget bounds the sum.
MAX_INFLATED: Final = 4 << 20
#: Noise of 16 MB has about 1300 headers by chance.
_MAX_STREAMS: Final = 50_000
#: A raw P-256 key.
_SHORTEST_INFLATED: Final = 32

_SEPARATOR: Final = rb"(?:\\[rn]?|[\"\s\x00]){1,48}+"
_BASE64_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]{24,}+(?:" + _SEPARATOR + rb"[A-Za-z0-9+/_-]++)*+")
_BASE64_PIECE: Final = re.compile(rb"[A-Za-z0-9+/_-]+")
_ESCAPED_NEWLINE: Final = re.compile(rb"\\[rn]")
_HEX_RUN: Final = re.compile(rb"[0-9A-Fa-f]{2}(?:[:\s,-]{0,3}+[0-9A-Fa-f]{2}){31,}+[0-9A-Fa-f]?")
_HEX_PIECE: Final = re.compile(rb"[0-9A-Fa-f]+")
_C_ARRAY: Final = re.compile(rb"0[xX][0-9A-Fa-f]{1,2}(?:[\s,]{1,40}0[xX][0-9A-Fa-f]{1,2}){31,}+")
_C_NUMBER: Final = re.compile(rb"0[xX]([0-9A-Fa-f]{1,2})")
_UTF16_LE: Final = re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00){32,}+")
_UTF16_BE: Final = re.compile(rb"(?:\x00[\t\r\n\x20-\x7e]){32,}+")
_DEFLATED: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


class TooMuchToDecodeError(Exception):
    """A layer is made so that decoding it would take for ever."""


def base64_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each run of base64 digits, also split over lines and url-safe, decoded at its four phases."""
    for match in _BASE64_RUN.finditer(layer.data):
        run = _ESCAPED_NEWLINE.sub(b"  ", match[0]).translate(_URL_SAFE)
        digits, starts, origins = _pieces(run, _BASE64_PIECE, match.start())
        if len(digits) < _SHORTEST_BASE64:
            continue
        for phase in range(4):
            usable = digits[phase:]
            decoded = binascii.a2b_base64(usable[: len(usable) // 4 * 4])
            tail = usable[len(usable) // 4 * 4 :]
            if len(tail) >= 2:
                decoded += binascii.a2b_base64(tail.ljust(4, b"="))
            yield Layer(decoded, "base64", layer, (4, 3), *_drop(starts, origins, phase), match.end())


_URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")


def hex_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each run of hex digits, also separated by blanks, colons or commas, decoded at both phases."""
    for match in _HEX_RUN.finditer(layer.data):
        digits, starts, origins = _pieces(match[0], _HEX_PIECE, match.start())
        for phase in range(2):
            usable = digits[phase:]
            if len(usable) >= _SHORTEST_HEX:
                decoded = bytes.fromhex(usable[: len(usable) // 2 * 2].decode())
                yield Layer(decoded, "hex", layer, (2, 1), *_drop(starts, origins, phase), match.end())


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


def deflate_layers(layer: Layer) -> Iterator[Layer]:
    """Yield what follows each gzip or zlib header, as far as it unfolds, up to `MAX_INFLATED` bytes.

    Raises:
        TooMuchToDecodeError: more headers than any honest image has.
    """
    for attempts, match in enumerate(_DEFLATED.finditer(layer.data)):
        if attempts >= _MAX_STREAMS:
            raise TooMuchToDecodeError(f"more than {_MAX_STREAMS} headers of compressed streams")
        gzip = match[0][0] == 0x1F
        decoded, consumed = _inflate(memoryview(layer.data)[match.start() :], wbits=31 if gzip else 15)
        if len(decoded) >= _SHORTEST_INFLATED:
            end = match.start() + consumed
            yield Layer(decoded, "gzip" if gzip else "zlib", layer, (0, 1), (0,), (match.start(),), end)


def _inflate(data: memoryview, *, wbits: int) -> tuple[bytes, int]:
    """Return what a stream unfolds to, and how many bytes of `data` it took."""
    stream = zlib.decompressobj(wbits=wbits)
    decoded = bytearray()
    # A header that stands there by chance fails within a few bytes: feed little by little.
    position, step = 0, 256
    try:
        while position < len(data) and not stream.eof and len(decoded) < MAX_INFLATED:
            decoded += stream.decompress(data[position : position + step], MAX_INFLATED - len(decoded))
            position = min(position + step, len(data))
            step = min(2 * step, 1 << 16)
    except zlib.error:
        pass  # what came before the damage counts
    return bytes(decoded), position - len(stream.unused_data)


DECODERS: Final[tuple[Callable[[Layer], Iterator[Layer]], ...]] = (
    base64_layers,
    hex_layers,
    c_array_layers,
    utf16_layers,
    deflate_layers,
)


#: Positions of pieces: arrays, for a run may consist of a million words.
_Positions = Sequence[int]


def _pieces(run: bytes, piece: re.Pattern[bytes], base: int) -> tuple[bytes, _Positions, _Positions]:
    """Return the digits without separators, and where each piece of them begins in digits and in the layer."""
    starts, origins, digits = array("I"), array("I"), bytearray()
    for match in piece.finditer(run):
        starts.append(len(digits))
        origins.append(base + match.start())
        digits += match[0]
    return bytes(digits), starts, origins


def _drop(starts: _Positions, origins: _Positions, phase: int) -> tuple[_Positions, _Positions]:
    """Return the pieces as they stand when the first `phase` digits are left out."""
    if not phase:
        return starts, origins
    moved = (origin + max(0, phase - start) for start, origin in zip(starts, origins, strict=True))
    return array("I", (max(0, start - phase) for start in starts)), array("I", moved)
