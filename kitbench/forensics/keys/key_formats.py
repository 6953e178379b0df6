"""Recognises private keys, certificates and public points by their structure: PEM, DER, SEC 1 points.

A PEM header alone is no finding: mbedTLS carries the labels in .rodata. Whatever is reported here was loaded by
`cryptography`.
"""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_ssh_private_key

from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.work_budget import Work, WorkBudget
from kitbench.forensics.keys.pem_block import PemBlock, pem_blocks
from kitbench.forensics.window_scan.curve import P256

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
#: End of the form of what says that it is a private key and could not be read.
UNREADABLE: Final = "unreadable"
#: What structure gives away; of Ed25519 keys, only structure is searched for.
StructuredKey = PrivateKey | ed25519.Ed25519PrivateKey

#: More than a key of RSA-16384, and more than any certificate a kit holds; lengths beyond this lie.
_LONGEST_DER: Final = 16384
#: What it costs to try a structure, beside its size.
_TRIAL: Final = 1024
#: A point on the curve costs as much as so many that are not.
_POINT_COST: Final = 32
#: SEQUENCE, version 0 or 1, then what tells PKCS#1 (an INTEGER), SEC 1 (OCTET STRING) and PKCS#8 (SEQUENCE) apart.
_DER_KEY: Final = re.compile(rb"\x30(?:\x82..|\x81.|[\x20-\x7f])\x02\x01[\x00\x01](?=[\x02\x04\x30])", re.DOTALL)
_DER_CERTIFICATE: Final = re.compile(
    rb"(?=\x30(?:\x82..|\x81.)\x30(?:\x82..|\x81.)(?:\xa0\x03\x02\x01\x02)?\x02)", re.DOTALL
)
#: PKCS#12, which may hold a key: a version, and a SEQUENCE that begins with the object identifier of PKCS#7 data. An
#: encrypted key of PKCS#8: a SEQUENCE that begins with a password-based encryption of PKCS#5 or PKCS#12.
_DER_CLOSED: Final = re.compile(
    rb"(?P<pkcs12>\x30(?:\x82..|\x81.)\x02\x01\x03\x30(?:\x82..|\x81.)\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07[\x01\x02])"
    rb"|\x30(?:\x82..|\x81.)\x30[\x0d-\x7f]\x06(?:\x09\x2a\x86\x48\x86\xf7\x0d\x01\x05|\x0a\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x01)",
    re.DOTALL,
)
_OPENSSH: Final = "OPENSSH PRIVATE KEY"
_POINT: Final = re.compile(rb"(?=\x04)")
_PEM_OF_FORM: Final = {0x02: "pkcs1", 0x04: "sec1", 0x30: "pkcs8"}


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A private key that stands at [begin, end) of a layer; `key` is None where it is encrypted or unreadable."""

    layer: Layer
    begin: int
    end: int
    form: str
    key: StructuredKey | None

    def __repr__(self) -> str:
        return f"FoundKey({self.form} at {self.begin:#x} of {self.layer!r})"


@dataclass(frozen=True, slots=True)
class FoundCertificate:
    """A certificate that stands at [begin, end) of a layer."""

    layer: Layer
    begin: int
    end: int
    certificate: x509.Certificate


def private_keys(layer: Layer, work: WorkBudget) -> Iterator[FoundKey]:
    """Yield the private keys in a layer: PEM first, then DER.

    Raises:
        WorkExhaustedError: more candidates than any honest image has.
    """
    for block in pem_blocks(layer.data):
        work.spend(Work.STRUCTURES, _TRIAL + len(block.der or b""), layer)
        if block.is_key:
            yield FoundKey(layer, block.begin, block.end, *_read_pem(block))
    for match in _DER_CLOSED.finditer(layer.data):
        work.spend(Work.STRUCTURES, _TRIAL, layer)
        size = min(der_size(layer.data, match.start()), _LONGEST_DER)
        form = "pkcs12" if match["pkcs12"] else "der_encrypted"
        yield FoundKey(layer, match.start(), min(match.start() + size, len(layer.data)), form, None)
    for match in _DER_KEY.finditer(layer.data):
        size = min(der_size(layer.data, match.start()), _LONGEST_DER)
        work.spend(Work.STRUCTURES, _TRIAL + size, layer)
        key = load_key(layer.data[match.start() : match.start() + size])
        if key is not None:
            form = "der_" + _PEM_OF_FORM[layer.data[match.end()]]
            yield FoundKey(layer, match.start(), match.start() + size, form, key)


def _read_pem(block: PemBlock) -> tuple[str, StructuredKey | None]:
    """Return the form of a block that says it is a private key, and the key where it can be read."""
    if block.is_encrypted and block.der is not None:
        return "pem_encrypted", None
    key = None
    if block.der:
        key = load_openssh_key(block.der) if block.label == _OPENSSH else load_key(block.der)
    return ("pem" if key is not None else f"pem_{UNREADABLE}"), key


def certificates(layer: Layer, work: WorkBudget) -> Iterator[FoundCertificate]:
    """Yield the certificates in a layer, PEM and DER.

    Raises:
        WorkExhaustedError: more candidates than any honest image has.
    """
    for block in pem_blocks(layer.data):
        work.spend(Work.STRUCTURES, _TRIAL + len(block.der or b""), layer)
        if not block.is_key and block.der and (certificate := load_certificate(block.der)) is not None:
            yield FoundCertificate(layer, block.begin, block.end, certificate)
    for match in _DER_CERTIFICATE.finditer(layer.data):
        size = min(der_size(layer.data, match.start()), _LONGEST_DER)
        work.spend(Work.STRUCTURES, _TRIAL + size, layer)
        certificate = load_certificate(layer.data[match.start() : match.start() + size])
        if certificate is not None:
            yield FoundCertificate(layer, match.start(), match.start() + size, certificate)


def public_points(layer: Layer, work: WorkBudget) -> Iterator[tuple[int, int]]:
    """Yield each uncompressed point 04‖X‖Y of P-256 in a layer; the generator is nobody's key.

    Raises:
        WorkExhaustedError: more candidates than any honest image has.
    """
    data = layer.data
    for match in _POINT.finditer(data, 0, max(0, len(data) - 64)):
        at = match.start()
        # A quick look first: x < p excludes little, but zero-filled and erased stretches are common.
        if data[at + 1 : at + 5] in (b"\0\0\0\0", b"\xff\xff\xff\xff"):
            continue
        work.spend(Work.POINTS, 1, layer)
        point = int.from_bytes(data[at + 1 : at + 33]), int.from_bytes(data[at + 33 : at + 65])
        if P256.contains(point) and point != P256.generator:
            work.spend(Work.POINTS, _POINT_COST, layer)
            yield point


def der_size(data: bytes, at: int) -> int:
    """Return the size of the DER element at `at`, header included."""
    first = data[at + 1]
    if first < 0x80:
        return 2 + first
    count = first & 0x7F
    return 2 + count + int.from_bytes(data[at + 2 : at + 2 + count])


def load_key(der: bytes) -> StructuredKey | None:
    """Return the private key of a DER structure; None for anything else.

    The primes of an RSA key are not tested, which would take 20 ms: whoever relies on the key lets it sign.
    """
    try:
        key = load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, StructuredKey) else None


def load_openssh_key(body: bytes) -> StructuredKey | None:
    """Return the private key of the body of OpenSSH's PEM; None for anything else, and where a password protects it."""
    pem = b"-----BEGIN %s-----\n%s\n-----END %s-----\n" % (_OPENSSH.encode(), b64encode(body), _OPENSSH.encode())
    try:
        key = load_ssh_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return key if isinstance(key, StructuredKey) else None


def load_certificate(der: bytes) -> x509.Certificate | None:
    """Return the certificate of a DER structure; None for anything else."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        certificate.public_key()
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    return certificate
