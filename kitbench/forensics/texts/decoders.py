"""Decoders of text and compression: base64, hex, C arrays, UTF-16, gzip and zlib; rarer in `dense_text` and `texts`.

Each takes a layer and yields what it may hold; the audit applies them again to what comes out.
"""

import binascii
import functools
import re
import zlib
from collections.abc import Callable, Iterator
from typing import Final

from kitbench.forensics.decoding import text_run
from kitbench.forensics.decoding.dense_text import dense_layers
from kitbench.forensics.decoding.interleaved import interleaved_layers
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Straight, Whole
from kitbench.forensics.decoding.text_run import DigitRun, NumberRun
from kitbench.forensics.decoding.work_budget import MAX_INFLATED, Work, WorkBudget
from kitbench.forensics.texts.big_numbers import big_number_layers
from kitbench.forensics.texts.columns import column_layers
from kitbench.forensics.texts.escapes import unescaped_layers
from kitbench.forensics.texts.literals import literal_layers
from kitbench.forensics.texts.numbers import number_layers
from kitbench.forensics.texts.pieces import piece_layers
from kitbench.forensics.texts.records import record_layers

#: A raw P-256 key has 43 base64 digits; shorter runs cannot hold a key.
_SHORTEST_BASE64: Final = 43
_SHORTEST_HEX: Final = 64
#: A stream is fed so many bytes at first, and costs at least as much to try; noise of 16 MB has about 1300 headers.
_FIRST_STEP: Final = 256
#: A raw P-256 key.
_SHORTEST_INFLATED: Final = 32

_HEX_DIGITS: Final = text_run.alphabet(b"0123456789ABCDEFabcdef")
_BASE64_DIGITS: Final = text_run.alphabet(
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz+/", aliases=(b"-_", b"+/")
)
_SEPARATOR: Final = rb"(?:\\[rn]?|[\"\s\x00]){1,48}+"
_BASE64_RUN: Final = re.compile(rb"[A-Za-z0-9+/_-]{24,}+(?:" + _SEPARATOR + rb"[A-Za-z0-9+/_-]++)*+")
#: As openssl, hexdumps, C strings and URLs part the bytes: signs, or a line end and what the next line begins with.
_HEX_GAP: Final = rb"(?:[:;,.|_/'\"\\xX%\s-]{1,48}+)?+"
_HEX_RUN: Final = re.compile(rb"[0-9A-Fa-f]{2}(?:" + _HEX_GAP + rb"[0-9A-Fa-f]{2}){31,}+[0-9A-Fa-f]?")
_C_ARRAY: Final = re.compile(text_run.NUMBER + rb"(?:[\s,]{1,40}+" + text_run.NUMBER + rb"){31,}+")
#: What a C array is made of: to look for nothing else is five times as fast.
_NUMBERS: Final = re.compile(rb"[0-9A-Fa-fxX,\s-]{63,}+")
_UTF16_LE: Final = re.compile(rb"(?:[\t\r\n\x20-\x7e]\x00){32,}+")
_UTF16_BE: Final = re.compile(rb"(?:\x00[\t\r\n\x20-\x7e]){32,}+")
_DEFLATED: Final = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


def base64_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each run of base64 digits, also split over lines and url-safe, decoded at its four phases."""
    for match in _BASE64_RUN.finditer(layer.data):
        run = DigitRun(layer.data, match.span(), _BASE64_DIGITS)
        padded = memoryview(run.read() + b"==")
        count = len(padded) - 2
        for phase in range(4 if count >= _SHORTEST_BASE64 else 0):
            usable = count - phase
            usable -= usable % 4 == 1  # a lone digit gives no byte
            decoded = binascii.a2b_base64(padded[phase : phase + usable + -usable % 4])
            yield Layer(decoded, "base64", layer, run, (4, 3), phase)


def hex_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each run of hex digits, also separated by blanks, colons or commas, decoded at both phases."""
    for match in _HEX_RUN.finditer(layer.data):
        run = DigitRun(layer.data, match.span(), _HEX_DIGITS)
        digits = memoryview(run.read())
        for phase in range(2):
            usable = (len(digits) - phase) // 2 * 2
            if usable >= _SHORTEST_HEX:
                yield Layer(binascii.unhexlify(digits[phase : phase + usable]), "hex", layer, run, (2, 1), phase)


def c_array_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each C array of bytes, `0x30, 0x77, …` or `48, 119, …`, signed ones too."""
    for stretch in _NUMBERS.finditer(layer.data):
        for match in _C_ARRAY.finditer(layer.data, *stretch.span()):
            run = NumberRun(layer.data, match.span())
            yield Layer(run.read(), "c_array", layer, run)


def utf16_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each run of ASCII in UTF-16, of either byte order, as ASCII."""
    for pattern, first in ((_UTF16_LE, 0), (_UTF16_BE, 1)):
        for match in pattern.finditer(layer.data):
            text = layer.data[match.start() + first : match.end() : 2]
            yield Layer(text, "utf16", layer, Straight(match.start()), (2, 1))


def deflate_layers(layer: Layer, work: WorkBudget) -> Iterator[Layer]:
    """Yield what follows each gzip or zlib header, as far as it unfolds, up to `MAX_INFLATED` bytes.

    Raises:
        WorkExhaustedError: more to unfold than any honest image has.
    """
    for match in _DEFLATED.finditer(layer.data):
        gzip = match[0][0] == 0x1F
        decoded, consumed = _inflate(memoryview(layer.data)[match.start() :], wbits=31 if gzip else 15)
        work.note_most(Work.INFLATED, len(decoded), layer)
        decoded = decoded[:MAX_INFLATED]
        work.spend(Work.STREAMED, max(_FIRST_STEP, consumed) + len(decoded), layer)
        if len(decoded) >= _SHORTEST_INFLATED:
            end = match.start() + consumed
            yield Layer(decoded, "gzip" if gzip else "zlib", layer, Whole(match.start(), end))


def _inflate(data: memoryview, *, wbits: int) -> tuple[bytes, int]:
    """Return what a stream unfolds to, and how many bytes of `data` it took; a byte beyond the limit shows a bomb."""
    stream = zlib.decompressobj(wbits=wbits)
    decoded = bytearray()
    # A header that stands there by chance fails within a few bytes: feed little by little.
    position, step = 0, _FIRST_STEP
    try:
        while position < len(data) and not stream.eof and len(decoded) <= MAX_INFLATED:
            decoded += stream.decompress(data[position : position + step], MAX_INFLATED + 1 - len(decoded))
            position = min(position + step, len(data))
            step = min(2 * step, 1 << 16)
    except zlib.error:
        pass  # what came before the damage counts
    return bytes(decoded), position - len(stream.unused_data)


#: What is text by its nature: there the rarer codes are looked for, too.
_TEXTUAL: Final = frozenset({"raw", "unescaped", "markup", "quoted_printable", "literals", "utf16"})
#: In what was joined, more may be joined by no means.
_JOINED: Final = frozenset({"pieces", "literals"})


def decoders(layer: Layer, work: WorkBudget) -> Iterator[Callable[[Layer], Iterator[Layer]]]:
    """Yield the decoders to try on a layer; what they yield is the caller's to count, what they try in vain is work.

    The rarer forms are looked for in the flash and in its texts only: in what else was decoded, chance makes too many.
    """
    yield from (base64_layers, hex_layers, c_array_layers, utf16_layers, functools.partial(deflate_layers, work=work))
    if layer.form in _TEXTUAL:
        yield from (unescaped_layers, number_layers, column_layers, record_layers, big_number_layers)
    if layer.form in _TEXTUAL - _JOINED:
        yield from (literal_layers, piece_layers)
    if layer.form in {"raw", "unescaped", "pieces", "utf16"}:
        yield dense_layers
    if layer.parent is None:
        yield interleaved_layers
