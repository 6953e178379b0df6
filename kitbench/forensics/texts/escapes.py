"""Undoes how languages write what they cannot write plainly: escapes of C, JSON and Python, of URLs, HTML and mails."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.offset_map import Scattered
from kitbench.forensics.texts.stretch import Span, text_spans

_NAMED: Final = {
    b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b", b"f": b"\f", b"v": b"\v", b"e": b"\x1b",
    b"\n": b"", b"\r\n": b"",
}  # fmt: skip
#: Of C, JSON, JavaScript, Python and Rust; a backslash before a line end joins two lines.
_BACKSLASH: Final = re.compile(
    rb"\\(?:[xX](?P<hex>[0-9A-Fa-f]{2})|u\{?0{0,4}(?P<code>[0-9A-Fa-f]{2})(?![0-9A-Fa-f])\}?|(?P<octal>[0-7]{1,3})"
    rb"|(?P<named>[nrtabfve\"'\\/]|\r?\n))"
)
_ENTITIES: Final = {
    b"amp": b"&", b"lt": b"<", b"gt": b">", b"quot": b'"', b"apos": b"'", b"nbsp": b" ", b"plus": b"+", b"sol": b"/",
    b"equals": b"=", b"newline": b"\n", b"tab": b"\t",
}  # fmt: skip
#: Of URLs, HTML and XML; tags, comments and the colours of terminals are nothing.
_MARKUP: Final = re.compile(
    rb"%(?P<hex>[0-9A-Fa-f]{2})|&#[xX]0{0,6}(?P<code>[0-9A-Fa-f]{1,2});|&#0{0,6}(?P<decimal>[0-9]{1,3});"
    rb"|&(?P<entity>[A-Za-z]{2,7});|(?P<nothing></?[A-Za-z!][^<>]{0,200}>|/\*[^*]{0,200}\*/|\x1b\[[0-9;]{0,12}m)"
)
#: What shows that a text has some: `%08x`, `%2d` and their like are formats of printf, of which firmware is full.
_MARKUP_SHOWS: Final = re.compile(
    rb"%(?!0[0-9][a-zA-Z]|[1-9][cdef])[0-9A-Fa-f]{2}|&#?[0-9A-Za-z]{2,9};|</?[A-Za-z!]|/\*|\x1b\["
)
#: Of mails (RFC 2045, 6.7): what is not plain by its number, and lines that go on.
_QUOTED: Final = re.compile(rb"=(?:(?P<hex>[0-9A-F]{2})|(?P<nothing>[ \t]{0,8}\r?\n))")


@dataclass(frozen=True, slots=True)
class _Language:
    form: str
    shows: re.Pattern[bytes]
    escape: re.Pattern[bytes]
    undone: Callable[[re.Match[bytes]], bytes]


def _backslash(match: re.Match[bytes]) -> bytes:
    if digits := match["hex"] or match["code"]:
        return bytes.fromhex(digits.decode())
    if match["octal"]:
        return bytes([int(match["octal"], 8) & 0xFF])
    return _NAMED.get(match["named"], match["named"])


def _markup(match: re.Match[bytes]) -> bytes:
    if match["nothing"]:
        return b""
    if match["entity"]:
        return _ENTITIES.get(match["entity"].lower(), match[0])
    if match["decimal"]:
        return bytes([int(match["decimal"]) & 0xFF])
    return bytes([int(match["hex"] or match["code"], 16)])


def _quoted(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match["hex"].decode()) if match["hex"] else b""


_LANGUAGES: Final = (
    _Language("unescaped", _BACKSLASH, _BACKSLASH, _backslash),
    _Language("markup", _MARKUP_SHOWS, _MARKUP, _markup),
    _Language("quoted_printable", _QUOTED, _QUOTED, _quoted),
)


def unescaped_layers(layer: Layer) -> Iterator[Layer]:
    """Yield each text that holds escapes, with those of one language undone."""
    for span in text_spans(layer.data):
        for language in _LANGUAGES:
            if language.shows.search(layer.data, *span):
                yield _undone(layer, span, language)


def _undone(layer: Layer, span: Span, language: _Language) -> Layer:
    text = bytearray()
    pieces: list[tuple[int, int]] = []
    begin, end = span
    for match in language.escape.finditer(layer.data, begin, end):
        byte = language.undone(match)
        pieces += [(begin, match.start() - begin), (match.start(), len(byte))]
        text += layer.data[begin : match.start()] + byte
        begin = match.end()
    pieces.append((begin, end - begin))
    text += layer.data[begin:end]
    return Layer(bytes(text), language.form, layer, Scattered.of([piece for piece in pieces if piece[1]]))
