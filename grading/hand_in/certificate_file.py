"""Certificates as people hand them in: PEM, DER or PKCS #7, in a chain, TRUSTED, in any encoding, without armour."""

import base64
import binascii
import contextlib
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from .text_file import decoded

LARGEST: Final = 256 << 10
#: More than any chain has.
_MOST: Final = 24
_LONGEST_PEM: Final = 32 << 10
#: Word processors make dashes of hyphens, fewer of them.
_DASHES: Final = re.compile("[\u2010-\u2015\u2212]+")
_BEGIN: Final = re.compile(r"-----BEGIN (?:X509 |TRUSTED )?(?:CERTIFICATE|PKCS7|PKCS #7 SIGNED DATA|CMS)-----")
_END: Final = "-----END"
_BARE: Final = re.compile(rb"[A-Za-z0-9+/=\s]+")
#: What stands between the lines in a string of C or JSON, in HTML, and in a quoted mail.
_BETWEEN: Final = re.compile(r"\\[rn]|<br ?/?>")
_NOT_BASE64: Final = re.compile(r"[^A-Za-z0-9+/]")
_SEQUENCE: Final = 0x30
#: Object identifier 1.2.840.113549.1.7.2 (RFC 5652), which stands at the very beginning.
_SIGNED_DATA: Final = bytes.fromhex("06092a864886f70d010702")
_HEAD_OF_PKCS7: Final = 24


@dataclass(frozen=True, slots=True)
class HandedInCertificate:
    """One certificate of a file: `sha256` of its DER in lower-case hex, `pem` as text, `is_ca` of its constraints."""

    sha256: str
    pem: str
    is_ca: bool


def certificates_in(content: bytes) -> tuple[HandedInCertificate, ...]:
    """Return the readable certificates of a file, in its order."""
    found = (_certificate(der) for der in _ders(content[:LARGEST]))
    return tuple(certificate for certificate in found if certificate is not None)


def _ders(content: bytes) -> Iterator[bytes]:
    if content[:1] == bytes([_SEQUENCE]):
        yield from _unwrapped(_first_element(content))
        return
    text, _ = decoded(content)
    text = _DASHES.sub("-----", text)
    for count, begin in enumerate(_BEGIN.finditer(text)):
        end = text.find(_END, begin.end(), begin.end() + _LONGEST_PEM)
        if end < 0 or count >= _MOST:
            return
        yield from _of_base64(text[begin.end() : end])
    if "-----BEGIN" not in text and _BARE.fullmatch(content):
        yield from _of_bare(content[:_LONGEST_PEM])


def _of_base64(text: str) -> Iterator[bytes]:
    body = _NOT_BASE64.sub("", _BETWEEN.sub("", text))
    with contextlib.suppress(binascii.Error):
        yield from _unwrapped(_first_element(base64.b64decode(body + "=" * (-len(body) % 4))))


def _of_bare(content: bytes) -> Iterator[bytes]:
    """Yield what stands there in base64 without its armour, be it a certificate or a whole PEM file."""
    body = content.translate(None, b" \t\r\n=")
    with contextlib.suppress(binascii.Error):
        inner = base64.b64decode(body + b"=" * (-len(body) % 4))
        if inner.startswith((bytes([_SEQUENCE]), b"-----BEGIN ")):
            yield from _ders(inner)


def _unwrapped(der: bytes) -> Iterator[bytes]:
    """Yield a certificate as it is, those of a PKCS #7 each."""
    if _SIGNED_DATA not in der[:_HEAD_OF_PKCS7]:
        yield der
        return
    try:
        found = pkcs7.load_der_pkcs7_certificates(der)
    except Exception:  # noqa: BLE001 - as below
        return
    for certificate in found[:_MOST]:
        with contextlib.suppress(Exception):
            yield certificate.public_bytes(Encoding.DER)


def _first_element(der: bytes) -> bytes:
    """Return the first ASN.1 element: OpenSSL's TRUSTED form has its own remarks behind the certificate."""
    if len(der) < 2:
        return der
    length, header = der[1], 2
    if length & 0x80:
        count = length & 0x7F
        length, header = int.from_bytes(der[2 : 2 + count], "big"), 2 + count
    return der[: header + length]


def _certificate(der: bytes) -> HandedInCertificate | None:
    try:
        certificate = x509.load_der_x509_certificate(der)
        encoded = certificate.public_bytes(Encoding.DER)
        pem = certificate.public_bytes(Encoding.PEM).decode("ascii")
    except Exception:  # noqa: BLE001 - the library has errors of its own, such as InvalidVersion, on no list
        return None
    return HandedInCertificate(hashlib.sha256(encoded).hexdigest(), pem, _is_ca(certificate))


def _is_ca(certificate: x509.Certificate) -> bool:
    try:
        return bool(certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca)
    except Exception:  # noqa: BLE001 - as above; a certificate without readable constraints is no authority
        return False
