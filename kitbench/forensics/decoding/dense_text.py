"""Decoders of the denser and rarer texts of bytes: base32, base45 and base85 in their dialects, and hexdumps."""

import base64
import re
from collections.abc import Iterator
from typing import Final

import numpy as np

from kitbench.forensics.decoding import text_run
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Scattered
from kitbench.forensics.decoding.text_run import DigitRun, Table

Span = tuple[int, int]

#: Text that is long enough for a raw P-256 key in 40 digits of base85.
_TEXT: Final = re.compile(rb"[\t\r\n\x20-\x7e]{40,}+")
_SEPARATOR: Final = rb"(?:\\[rn]?|[\"\s]){1,48}+"
_BASE32: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
#: Digits of base32 by value: RFC 4648's two alphabets, Crockford's and z-base-32, each in capitals and small letters.
_BASE32_ALPHABETS: Final = (
    _BASE32,
    b"0123456789ABCDEFGHIJKLMNOPQRSTUV",
    b"0123456789ABCDEFGHJKMNPQRSTVWXYZ",
    b"YBNDRFG8EJKMCPQXOT1UWISZA345H769",
)
#: 52 digits of base32 hold about 26 different ones.
_HEX_DIGITS: Final = 16
_LETTERS: Final = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")
#: A raw P-256 key has 52 digits of base32, 40 of base85, 48 of base45.
_SHORTEST_BASE32: Final = 52
_BASE32_RUN: Final = re.compile(
    rb"[A-Z0-9]{32,}+(?:" + _SEPARATOR + rb"[A-Z0-9]{8,}+)*+|[a-z0-9]{32,}+(?:" + _SEPARATOR + rb"[a-z0-9]{8,}+)*+"
)
#: Enough of it on one line for a raw P-256 key.
_BASE32_LINE: Final = re.compile(rb"[A-Z0-9]{52,}+|[a-z0-9]{52,}+")
_SHORTEST_BASE45: Final = 48
#: 48 digits of base45 hold about 29 different ones; a ruler or a word does not.
_FEWEST_DISTINCT: Final = 16
_BASE45: Final = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_BASE45_RUN: Final = re.compile(rb"[0-9A-Z $%*+./:-]{48,}+")
_SHORTEST_BASE85: Final = 40
#: Digits of base85 by value: those of RFC 1924, as Python and git use them, of ZeroMQ's Z85, and of Ascii85.
_BASE85: Final = (
    b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~",
    b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#",
    bytes(range(33, 118)),
)
#: What is no digit in a run: line ends, each of two signs, and the quotes and marks at its ends.
_MOST_SEPARATORS: Final = 6
_SHORTEST_LINE: Final = 16
#: Text without blanks in which something stands that base64 and identifiers have not.
_BASE85_RUN: Final = re.compile(rb"[!-~]{20,}+(?:[\r\n]{1,2}[!-~]{8,}+)*+")
_TELLING: Final = re.compile(rb"[!#$%&()*;<>?@^`{|}~]")
#: Offset, columns of hex, and the text beside them, of xxd and of hexdump -C.
_CELL: Final = rb"(?:[0-9A-Fa-f]{2}){1,4}"
_DUMP_LINE: Final = re.compile(
    rb"[0-9A-Fa-f]{4,8}:?[ \t]{1,4}(" + _CELL + rb"(?:[ \t]{1,2}" + _CELL + rb"){0,31})(?=[ \t]|\r?\n|\Z)"
)
_FEWEST_LINES: Final = 2


def dense_layers(layer: Layer) -> Iterator[Layer]:
    """Yield what each stretch of text holds in these codes."""
    for text in _TEXT.finditer(layer.data):
        yield from _base32_layers(layer, text.span())
        yield from _base85_layers(layer, text.span())
        yield from _base45_layers(layer, text.span())
        yield from _hexdump_layers(layer, text.span())


def _base32_layers(layer: Layer, span: Span) -> Iterator[Layer]:
    """Yield each run of base32 digits, also split over lines, decoded at its eight phases."""
    for match in _BASE32_RUN.finditer(layer.data, *span):
        if len(set(match[0].upper()) & _LETTERS) <= _HEX_DIGITS:
            continue
        for alphabet, table, part in zip(_BASE32_ALPHABETS, _BASE32_DIGITS, _BASE32_PARTS, strict=True):
            for stretch in sorted(_base32_spans(layer.data, match.span(), frozenset(alphabet), part)):
                run = DigitRun(layer.data, stretch, table)
                yield from _base32_phases(layer, run, bytes.maketrans(alphabet, _BASE32))


def _base32_spans(data: bytes, whole: Span, alphabet: frozenset[int], part: re.Pattern[bytes]) -> set[Span]:
    """Return what may be a text of an alphabet: all of a run, its lines, and what stands between digits of others.

    The next line may be hex, or the word before a number: digits that are none of the alphabet, or shift the phase.
    """
    parts = [match.span() for match in part.finditer(data, *whole)]
    lines = [match.span() for match in _BASE32_LINE.finditer(data, *whole)]
    return {
        (begin, end)
        for begin, end in (whole, *lines, *parts)
        if len(used := set(data[begin:end].upper()) & _LETTERS) > _HEX_DIGITS and used <= alphabet
    }


def _base32_phases(layer: Layer, run: DigitRun, to_values: bytes) -> Iterator[Layer]:
    digits = run.read().translate(to_values)
    for phase in range(8 if len(digits) >= _SHORTEST_BASE32 else 0):
        part = digits[phase:]
        decoded = base64.b32decode(part + b"A" * (-len(part) % 8))
        yield Layer(decoded[: len(part) * 5 // 8], "base32", layer, run, (8, 5), phase)


def _base85_layers(layer: Layer, span: Span) -> Iterator[Layer]:
    """Yield each run of base85 digits, of either alphabet, decoded at its five phases."""
    for match in _BASE85_RUN.finditer(layer.data, *span):
        if not _TELLING.search(match[0]):
            continue
        text = np.frombuffer(match[0], np.uint8)
        for digits, values in zip(_BASE85_DIGITS, _BASE85_VALUES, strict=True):
            if np.count_nonzero(digits[text] == 0) > _MOST_SEPARATORS + len(text) // _SHORTEST_LINE:
                continue
            run = DigitRun(layer.data, match.span(), digits)
            found = np.frombuffer(run.read(), np.uint8)
            for phase in range(5 if len(found) >= _SHORTEST_BASE85 else 0):
                whole = found[phase : len(found) - (len(found) - phase) % 5]
                yield Layer(_of_base85(values[whole]), "base85", layer, run, (5, 4), phase)


def _base45_layers(layer: Layer, span: Span) -> Iterator[Layer]:
    """Yield each run of base45 digits (RFC 9285) that has more than words have, decoded at its three phases."""
    for match in _BASE45_RUN.finditer(layer.data, *span):
        if len(set(match[0])) < _FEWEST_DISTINCT or b"  " in match[0]:
            continue
        run = DigitRun(layer.data, match.span(), _BASE45_DIGITS)
        text = np.frombuffer(run.read(), np.uint8)
        for phase in range(3):
            whole = _BASE45_VALUES[text[phase : len(text) - (len(text) - phase) % 3]].reshape(-1, 3)
            pairs = whole.astype(np.uint32) @ np.array([1, 45, 45 * 45], np.uint32)
            yield Layer(pairs.astype(">u2").tobytes(), "base45", layer, run, (3, 2), phase)


def _of_base85(values: np.ndarray[tuple[int], np.dtype[np.uint8]]) -> bytes:
    """Return four bytes for each five digits; five that say more than four bytes hold lose what is above."""
    powers = np.array([85**4, 85**3, 85**2, 85, 1], np.uint64)
    return (values.reshape(-1, 5).astype(np.uint64) @ powers).astype(">u4").tobytes()


def _hexdump_layers(layer: Layer, span: Span) -> Iterator[Layer]:
    """Yield the hex columns of each hexdump, one line behind the other: to be read as hex."""
    lines: list[tuple[int, int]] = []
    end = 0
    for match in _DUMP_LINE.finditer(layer.data, *span):
        if lines and layer.data.count(b"\n", end, match.start()) != 1:
            yield from _columns(layer, lines)
            lines = []
        lines.append(match.span(1))
        end = match.end()
    yield from _columns(layer, lines)


def _columns(layer: Layer, lines: list[tuple[int, int]]) -> Iterator[Layer]:
    if len(lines) >= _FEWEST_LINES:
        spans = [(begin, end - begin) for begin, end in lines]
        data = b"".join(layer.data[begin:end] for begin, end in lines)
        yield Layer(data, "hexdump", layer, Scattered.of(spans))


def _values(digits: bytes) -> Table:
    table = np.zeros(256, np.uint8)
    table[list(digits)] = range(len(digits))
    return table


_BASE32_DIGITS: Final = tuple(
    text_run.alphabet(digits, aliases=(digits.lower(), digits))  # digits that are no letters stand for themselves
    for digits in _BASE32_ALPHABETS
)
#: Runs of one alphabet's digits alone, in capitals or in small letters.
_BASE32_PARTS: Final = tuple(
    re.compile(rb"[%b]{52,}+|[%b]{52,}+" % (digits, digits.lower())) for digits in _BASE32_ALPHABETS
)
_BASE45_DIGITS: Final = text_run.alphabet(_BASE45)
_BASE45_VALUES: Final = _values(_BASE45)
_BASE85_DIGITS: Final = tuple(text_run.alphabet(digits) for digits in _BASE85)
_BASE85_VALUES: Final = tuple(_values(digits) for digits in _BASE85)
