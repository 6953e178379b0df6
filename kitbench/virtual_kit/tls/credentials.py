"""What the firmware hands to esp-tls: certificates and keys, parsed and bounded before any TLS library sees them."""

import warnings
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Final

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.utils import CryptographyDeprecationWarning

from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError

#: The most that a PEM buffer of the firmware may hold, in bytes, and the most certificates in it.
PEM_LIMIT: Final = 65536
CERTIFICATE_LIMIT: Final = 64
_PEM_MARK: Final = b"-----BEGIN"
#: mbedTLS's own codes behind esp-tls's: MBEDTLS_ERR_X509_INVALID_FORMAT, _PK_KEY_INVALID_FORMAT, _PASSWORD_REQUIRED.
_INVALID_FORMAT: Final = 0x2180
_KEY_INVALID_FORMAT: Final = 0x3D00
_PASSWORD_REQUIRED: Final = 0x3C00


class MaximumVersion(Enum):
    """The newest TLS version that the kit offers; ESP-IDF 5.1 builds mbedTLS with TLS 1.2 only unless asked."""

    TLS_1_2 = (3, 3)
    TLS_1_3 = (3, 4)


@dataclass(frozen=True, slots=True)
class ServerChecks:
    """How the server's certificate is judged.

    Attributes:
        anchors: certificates that the firmware trusts.
        server_name: the name that the certificate has to carry; None: any (`skip_common_name`).
        clock: the moment that validity dates are judged at; None, ESP-IDF's default: they do not count
            (`CONFIG_MBEDTLS_HAVE_TIME_DATE` is not set).
        verifies: False where any server is taken (`MBEDTLS_SSL_VERIFY_NONE`); its name is still told to it.
    """

    anchors: tuple[x509.Certificate, ...]
    server_name: str | None
    clock: datetime | None = None
    verifies: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What a handshake offers and demands.

    Attributes:
        checks: how the server is judged.
        alpn: protocols to offer.
        maximum: the newest TLS version to offer.
    """

    checks: ServerChecks
    alpn: tuple[str, ...]
    maximum: MaximumVersion


@dataclass(frozen=True, slots=True)
class ClientKey:
    """An embedded private key. Its text stays out of every `repr`.

    Attributes:
        pem: unencrypted PKCS #8.
        public_der: SubjectPublicKeyInfo of the key.
    """

    pem: bytes = field(repr=False)
    public_der: bytes


@dataclass(frozen=True, slots=True)
class ClientIdentity:
    """What the kit presents: its certificate, intermediates after it, and the key."""

    chain: tuple[x509.Certificate, ...]
    key: ClientKey = field(repr=False)

    @property
    def is_pair(self) -> bool:
        """Whether the key is the private half of the certificate's."""
        encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.chain[0].public_key().public_bytes(encoding, form) == self.key.public_der


def as_mbedtls_takes(buffer: bytes) -> bytes:
    """Return what a firmware hands over for a certificate or key, empty where mbedTLS would not know it for PEM.

    mbedTLS takes PEM only when the buffer's length counts the closing NUL, and everything else for DER.
    """
    return b"" if _PEM_MARK in buffer and not buffer.endswith(b"\0") else buffer


def parse_certificates(pem: bytes, *, what: str) -> tuple[x509.Certificate, ...]:
    """Return the certificates in `pem` up to its NUL, or the one in DER; what is no certificate is skipped.

    Raises:
        TlsError: `X509_CRT_PARSE_FAILED` when there is none or too much.
    """
    message = f"the {what} is no certificate in PEM form, closing NUL included"
    failure = TlsError(MbedtlsError.X509_CRT_PARSE_FAILED, message, stack_code=_INVALID_FORMAT)
    if len(pem) > PEM_LIMIT:
        raise failure
    try:
        with warnings.catch_warnings():
            # Odd serial numbers in a student's certificate are the server's to judge.
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            if _PEM_MARK in pem:
                found = x509.load_pem_x509_certificates(pem.split(b"\0")[0])
            else:
                found = [x509.load_der_x509_certificate(pem)]
            for certificate in found:
                certificate.public_key()  # of a kind that can be used
    except (ValueError, x509.InvalidVersion, UnsupportedAlgorithm):
        raise failure from None
    if not 0 < len(found) <= CERTIFICATE_LIMIT:
        raise failure
    return tuple(found)


def parse_private_key(pem: bytes) -> ClientKey:
    """Return the RSA or EC private key in `pem`.

    Raises:
        TlsError: `PK_PARSE_KEY_FAILED` when it is no such key, is encrypted or too large; the text never holds the key.
    """
    message = "the private key is no unencrypted RSA or EC key in PEM form, closing NUL included"
    code = _PASSWORD_REQUIRED if b"ENCRYPTED" in pem else _KEY_INVALID_FORMAT
    failure = TlsError(MbedtlsError.PK_PARSE_KEY_FAILED, message, stack_code=code)
    if len(pem) > PEM_LIMIT:
        raise failure
    try:
        is_pem = _PEM_MARK in pem
        load = serialization.load_pem_private_key if is_pem else serialization.load_der_private_key
        key = load(pem.split(b"\0")[0] if is_pem else pem, None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise failure from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise failure
    text = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    encoding, form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return ClientKey(text, key.public_key().public_bytes(encoding, form))


def to_pem(certificates: tuple[x509.Certificate, ...]) -> bytes:
    """Return the certificates as one PEM file."""
    return b"".join(certificate.public_bytes(serialization.Encoding.PEM) for certificate in certificates)
