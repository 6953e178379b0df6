"""TLS that Python's OpenSSL cannot do, by tlslite-ng.

Its client key stays in the ATECC608A, or is not the certificate's; or the kit's clock tells the time.
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from kitbench.virtual_kit.tls.connection import SocketLink
from kitbench.virtual_kit.tls.credentials import CERTIFICATE_LIMIT, ClientKey, MaximumVersion, ServerChecks, Terms
from kitbench.virtual_kit.tls.engine import Want
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError

with warnings.catch_warnings():
    # tlslite-ng 0.8 imports asyncore, which Python 3.12 dropped, where it is still there.
    warnings.simplefilter("ignore", DeprecationWarning)
    from tlslite.api import HandshakeSettings, TLSConnection, X509CertChain
    from tlslite.constants import AlertDescription
    from tlslite.errors import TLSAbruptCloseError, TLSLocalAlert, TLSRemoteAlert
    from tlslite.utils.ecdsakey import ECDSAKey
    from tlslite.utils.keyfactory import parsePEMKey
from kitbench.virtual_kit.tls.server_trust import verify_server

_RECORD: Final = 16384

#: Signs a SHA-256 digest; returns r and s, 32 bytes each. Raises `TlsError` when the chip does not.
Signer = Callable[[bytes], bytes]


class TlsliteEngine:
    """A TLS client.

    Args:
        link: the socket; it does not block.
        chain: the client's certificate, intermediates after it; empty: it shows none.
        key: what signs for it: a function that asks the chip, or an embedded key, which need not be the certificate's.
        terms: the server is judged before any signature is asked for.
    """

    def __init__(
        self, link: SocketLink, *, chain: tuple[x509.Certificate, ...], key: Signer | ClientKey | None, terms: Terms
    ) -> None:
        self._tls = _VerifyingConnection(link.socket, terms.checks)
        with _told_by_mbedtls():
            self._handshake = self._begin(chain, key, terms)
        self._reading: Iterator[int | bytes] | None = None
        self._writing: Iterator[int] | None = None
        self._decrypted = b""

    def _begin(
        self, chain: tuple[x509.Certificate, ...], key: Signer | ClientKey | None, terms: Terms
    ) -> Iterator[int]:
        handshake: Iterator[int] = self._tls.handshakeClientCert(
            _chain(chain) if chain else None,
            _loose_key(key.pem) if isinstance(key, ClientKey) else key and _ChipKey(key),
            settings=_settings(terms.maximum),
            serverName=_sni(terms.checks.server_name),
            alpn=[bytearray(name, "ascii") for name in terms.alpn] or None,
            async_=True,
        )
        return handshake

    @property
    def version(self) -> str | None:
        """The TLS version agreed on, such as "TLSv1.2"."""
        return {(3, 3): "TLSv1.2", (3, 4): "TLSv1.3"}.get(self._tls.version)

    def handshake(self) -> Want | None:
        """Go on with the handshake; None once it is done."""
        with _told_by_mbedtls():
            step = next(self._handshake, None)
        return None if step is None else _want(step)

    def read(self, size: int) -> bytes | Want:
        """Return up to `size` bytes, b"" once the peer has closed."""
        if self._decrypted:
            return self._take(size)
        if self._reading is None:
            self._reading = self._tls.readAsync(max=_RECORD, min=1)
        try:
            with _told_by_mbedtls():
                outcome = next(self._reading, b"")
        except _AbruptEndError:
            outcome = b""
        if isinstance(outcome, int):
            return _want(outcome)
        self._reading, self._decrypted = None, bytes(outcome)
        return self._take(size)

    def write(self, data: bytes) -> int | Want:
        """Send `data`; return its length once all of it has left. Call again with the same `data` after a `Want`."""
        if self._writing is None:
            self._writing = self._tls.writeAsync(data)
        with _told_by_mbedtls():
            step = next(self._writing, None)
        if step is not None:
            return _want(step)
        self._writing = None
        return len(data)

    def pending(self) -> int:
        """Return how many decrypted bytes wait to be read."""
        return len(self._decrypted)

    def _take(self, size: int) -> bytes:
        taken, self._decrypted = self._decrypted[:size], self._decrypted[size:]
        return taken

    def say_goodbye(self) -> None:
        """Send close_notify if that does not block."""
        if not self._tls.closed:
            with contextlib.suppress(Exception):  # best effort on a connection that is given up
                next(self._tls.closeAsync(), None)


def _chain(certificates: tuple[x509.Certificate, ...]) -> Any:
    chain = X509CertChain()
    chain.parsePemList("".join(certificate.public_bytes(Encoding.PEM).decode() for certificate in certificates))
    return chain


def _loose_key(pem: bytes) -> Any:
    return parsePEMKey(pem.decode("ascii"), private=True, implementations=["python"])


class _ChipKey(ECDSAKey):  # type: ignore[misc] # tlslite carries no types
    """The key pair of slot 0 as tlslite wants to see it; only `_sign` ever leaves this process."""

    key_type = "ecdsa"
    curve_name = "NIST256p"

    def __init__(self, sign: Signer) -> None:
        self._signer = sign
        # tlslite asks the private key for the size of its curve and for nothing else.
        self.private_key = SimpleNamespace(curve=SimpleNamespace(baselen=32))

    def __len__(self) -> int:
        return 256

    def hasPrivateKey(self) -> bool:  # noqa: N802 - tlslite's name
        """Return True: the chip has it."""
        return True

    def _sign(self, data: bytes, _hash_name: str) -> bytearray:
        signature = self._signer(bytes(data))
        r, s = int.from_bytes(signature[:32]), int.from_bytes(signature[32:])
        return bytearray(encode_dss_signature(r, s))

    def _verify(self, _signature: bytes, _digest: bytes) -> bool:
        # mbedTLS does not check its own signature: a wrong one is the server's to find.
        return True


class _LentSocket:
    """The connection's socket as tlslite has it, which closes what it is given: not this one.

    A thread may still wait on it, and its number would go to another file.
    """

    def __init__(self, link: Any) -> None:
        self._link = link

    def __getattr__(self, name: str) -> Any:
        return getattr(self._link, name)

    def close(self) -> None:
        """Leave it open; `TlsConnection` closes it once nobody waits."""


class _VerifyingConnection(TLSConnection):  # type: ignore[misc] # tlslite carries no types
    """A client that judges the server's chain when it arrives, before its own certificate or signature goes out."""

    def __init__(self, link: Any, checks: ServerChecks) -> None:
        super().__init__(_LentSocket(link))
        self._checks = checks

    def _clientGetKeyFromChain(self, certificate: Any, settings: Any, tack_ext: Any = None) -> Iterator[Any]:  # noqa: N802 - tlslite's hook
        try:
            if self._checks.verifies:
                verify_server(_parsed(certificate), self._checks)
        except TlsError:
            with contextlib.suppress(TLSLocalAlert):
                yield from self._sendError(AlertDescription.bad_certificate)
            raise
        yield from super()._clientGetKeyFromChain(certificate, settings, tack_ext)


def _parsed(certificate: Any) -> list[x509.Certificate]:
    """Return the certificates of a Certificate message."""
    sent = certificate.cert_chain.x509List if certificate.cert_chain else []
    try:
        chain = [x509.load_der_x509_certificate(bytes(one.bytes)) for one in sent[:CERTIFICATE_LIMIT]]
    except ValueError:
        chain = []
    if not chain:
        raise TlsError(MbedtlsError.SSL_HANDSHAKE_FAILURE, "the server sent no certificate")
    return chain


def _settings(maximum: MaximumVersion) -> HandshakeSettings:
    settings = HandshakeSettings()
    settings.minVersion = (3, 3)
    settings.maxVersion = maximum.value
    settings.versions = [version for version in settings.versions if settings.minVersion <= version <= maximum.value]
    settings.cipherNames = ["aes128gcm", "aes256gcm"]
    settings.ecdsaSigHashes = ["sha256"]  # all that the chip signs
    settings.eccCurves = ["secp256r1", "secp384r1"]
    settings.keyShares = ["secp256r1"]
    # In TLS 1.3 tlslite would send a compressed certificate that OpenSSL never offered to take.
    settings.certificate_compression_send = []
    settings.certificate_compression_receive = []
    return settings


def _sni(name: str | None) -> str | None:
    """Return what goes out as server name: never an address (RFC 6066, section 3)."""
    return None if name is None or not name.rpartition(".")[2][:1].isalpha() else name


def _want(step: int) -> Want:
    """Return what tlslite's 0 (read) or 1 (write) asks for."""
    return Want.WRITABLE if step else Want.READABLE


class _AbruptEndError(TlsError):
    """The peer closed the TCP connection without close_notify."""

    def __init__(self) -> None:
        super().__init__(MbedtlsError.SSL_CONN_EOF, "the server closed the connection")


#: What the alert that we send says about the failure; any other alert means that the server's bytes make no sense.
_BY_LOCAL_ALERT: Final = {
    AlertDescription.protocol_version: MbedtlsError.SSL_BAD_PROTOCOL_VERSION,
    AlertDescription.handshake_failure: MbedtlsError.SSL_HANDSHAKE_FAILURE,
    AlertDescription.insufficient_security: MbedtlsError.SSL_HANDSHAKE_FAILURE,
    AlertDescription.decrypt_error: MbedtlsError.SSL_HANDSHAKE_FAILURE,
}


@contextlib.contextmanager
def _told_by_mbedtls() -> Iterator[None]:
    """Turn tlslite's errors into mbedTLS's."""
    try:
        yield
    except TlsError:
        raise
    except TLSRemoteAlert as error:
        raise TlsError(MbedtlsError.SSL_FATAL_ALERT_MESSAGE, f"the server sent an alert ({error})") from None
    except TLSAbruptCloseError:
        raise _AbruptEndError from None
    except TLSLocalAlert as error:
        code = _BY_LOCAL_ALERT.get(error.description, MbedtlsError.SSL_INVALID_RECORD)
        raise TlsError(code, f"TLS failed ({error})") from None
    except OSError as error:
        raise TlsError(MbedtlsError.NET_CONN_RESET, f"the connection broke ({error.strerror})") from None
    except Exception as error:  # noqa: BLE001 - see below
        # tlslite meets what a server (or a key of the wrong kind) makes of it with whatever Python raises.
        raise TlsError(MbedtlsError.SSL_INVALID_RECORD, f"TLS failed ({type(error).__name__})") from None
