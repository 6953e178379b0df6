"""Reads PEM blocks as people leave them: in C strings, JSON, mails, HTML pages and URLs, with whatever between lines.

A BEGIN line alone is no block: mbedTLS carries the labels in .rodata, each ended by NUL. What stands behind one and
looks like the digits of a key, but does not decode, is yielded without DER: it must not count as absent.
"""

import base64
import binascii
import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_GAP: Final = rb"(?: |\+|%20|&nbsp;)"
_DASHES: Final = rb"(?:-{2,6}|(?:%2[Dd]){2,6})"
_BEGIN: Final = re.compile(
    rb"BEGIN(" + _GAP + rb")((?:[A-Z0-9]{1,10}" + _GAP + rb"){0,3}PRIVATE" + _GAP + rb"KEY|CERTIFICATE)" + _DASHES
)
_MARK: Final = re.compile(_DASHES + rb"(?:BEGIN|END)" + _GAP)
_END: Final = re.compile(rb"END" + _GAP + rb"[A-Z0-9 +%&;nbsp]{1,60}" + _DASHES)
_LEAD: Final = re.compile(_DASHES + rb"$")
#: More than a key of RSA-16384 in base64, with tags between its lines.
_LONGEST: Final = 16384
_SHORTEST_BODY: Final = 64
_BODY: Final = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")
_DIGITS: Final = re.compile(rb"[A-Za-z0-9+/]{16,}")
#: 64 base64 digits of a key hold about 41 different ones; a row of X or a ruler of dashes does not.
_FEWEST_DISTINCT: Final = 16
_NO_TEXT: Final = re.compile(rb"[^\t\r\n\x20-\x7e]")

#: What stands between the lines of a block, and instead of its digits, by the language that it is quoted in.
_TAG: Final = re.compile(rb"<[^<>]{0,60}>")
_CHARACTER: Final = re.compile(rb"\\u00([0-9A-Fa-f]{2})|\\x([0-9A-Fa-f]{2})|&#x([0-9A-Fa-f]{2});")
_DECIMAL: Final = re.compile(rb"&#([0-9]{1,3});")
_HEADER: Final = re.compile(rb"^[A-Za-z-]{1,40}: [^\r\n]{0,200}$", re.MULTILINE)
_QUOTING: Final = re.compile(rb"^[ \t>|#*;]{1,40}", re.MULTILINE)
_JOINT: Final = re.compile(rb"[\"'][ \t]{0,20}[+.&][\s\\]{0,80}[\"']")
_SPACING: Final = re.compile(rb"\\[rnt]|&nbsp;|[\"'\s\x00\\,;]")


@dataclass(frozen=True, slots=True)
class PemBlock:
    """A block at [begin, end); `der` is None where its digits could not be decoded, empty under a password of PEM."""

    label: str
    begin: int
    end: int
    der: bytes | None

    @property
    def is_key(self) -> bool:
        """Whether it says that it is a private key."""
        return self.label.endswith("PRIVATE KEY")

    @property
    def is_encrypted(self) -> bool:
        """Whether it says that a password protects it."""
        return self.label.startswith("ENCRYPTED")


def pem_blocks(data: bytes) -> Iterator[PemBlock]:
    """Yield the PEM blocks with a body, in order."""
    for match in _BEGIN.finditer(data):
        # Only up to the next mark: a text of nothing but BEGIN lines must not be read once for each of them.
        mark = _MARK.search(data, match.end(), match.end() + _LONGEST)
        stop = mark.start() if mark else min(len(data), match.end() + _LONGEST)
        footer = _END.search(data, mark.start(), mark.start() + 100) if mark else None
        block = _read(data, match, stop, footer.end() if footer else stop)
        if block is not None:
            yield block


def _read(data: bytes, match: re.Match[bytes], stop: int, end: int) -> PemBlock | None:
    label = re.sub(_GAP, b" ", match[2]).decode()
    lead = _LEAD.search(data, max(0, match.start() - 18), match.start())
    begin = lead.start() if lead else match.start()
    text = data[match.end() : stop]
    body = _plain(text, is_form=match[1] == b"+")
    der = None if _is_under_password(text) else _decoded(body)
    if der is None and text[:1] == b"\0":
        return None  # a label by itself
    if end == stop and (cut := _NO_TEXT.search(text)):
        text, end = text[: cut.start()], match.end() + cut.start()  # no END: the block ends with its text
    if not _looks_like_digits(body if der else text):
        return None
    if der is None and _is_under_password(text):
        return PemBlock("ENCRYPTED PRIVATE KEY", begin, end, b"")
    return PemBlock(label, begin, end, der)


def _is_under_password(text: bytes) -> bool:
    """Whether the headers of RFC 1421 say so."""
    return b"Proc-Type" in text and b"ENCRYPTED" in text


def _plain(text: bytes, *, is_form: bool) -> bytes:
    """Return the base64 digits of a body; in a form of a web page, `+` stands for a blank."""
    if b"%" in text:
        text = urllib.parse.unquote_to_bytes(text.replace(b"+", b" ") if is_form else text)
    if b"<" in text:
        text = _TAG.sub(b"", text)
    text = _CHARACTER.sub(lambda code: bytes.fromhex((code[1] or code[2] or code[3]).decode()), text)
    text = _DECIMAL.sub(lambda code: bytes([int(code[1]) & 0xFF]), text)
    text = _QUOTING.sub(b"", _HEADER.sub(b"", text.replace(b"&gt;", b">")))
    body = _SPACING.sub(b"", _JOINT.sub(b"", text))
    return body.replace(b"-", b"+").replace(b"_", b"/")


def _decoded(body: bytes) -> bytes | None:
    if len(body) < _SHORTEST_BODY or not _BODY.fullmatch(body):
        return None
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error:
        return None


def _looks_like_digits(text: bytes) -> bool:
    """Whether a text holds as many base64 digits as the shortest key, in runs that words do not make."""
    digits = b"".join(_DIGITS.findall(text))
    return len(digits) >= _SHORTEST_BODY and len(set(digits)) >= _FEWEST_DISTINCT
