"""TLS with a key that the firmware holds: OpenSSL behind Python's `ssl`, on memory buffers."""

import contextlib
import ssl
from collections.abc import Callable
from typing import Final, TypeVar

from kitbench.virtual_kit.tls.credentials import ClientIdentity, MaximumVersion, Terms, to_pem
from kitbench.virtual_kit.tls.engine import Link, Want
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError, VerifyFlag
from kitbench.virtual_kit.tls.private_file import private_file

_T = TypeVar("_T")

_RECORD: Final = 16384
#: OpenSSL's X509_V_FLAG_NO_CHECK_TIME, which `ssl` does not name.
_NO_CHECK_TIME: Final = ssl.VerifyFlags(0x200000)
_VERSIONS: Final = {
    MaximumVersion.TLS_1_2: ssl.TLSVersion.TLSv1_2,
    MaximumVersion.TLS_1_3: ssl.TLSVersion.TLSv1_3,
}
#: OpenSSL's X509_V_ERR_* that mbedTLS has a flag for; anything else means that no chain of trust was found.
_FLAGS: Final = {
    26: VerifyFlag.EXT_KEY_USAGE,
    62: VerifyFlag.CN_MISMATCH,
    64: VerifyFlag.CN_MISMATCH,
}


def make_context(terms: Terms, identity: ClientIdentity | None) -> ssl.SSLContext:
    """Return a client context that trusts and verifies as mbedTLS does.

    Raises:
        TlsError: the key cannot be used with the certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.maximum_version = _VERSIONS[terms.maximum]
    context.check_hostname = terms.checks.verifies and terms.checks.server_name is not None
    if not terms.checks.verifies:
        context.verify_mode = ssl.CERT_NONE
    try:
        if terms.checks.anchors:
            context.load_verify_locations(cadata=to_pem(terms.checks.anchors).decode("ascii"))
    except ssl.SSLError as error:
        message = f"the CA certificate cannot be used ({error.reason})"
        raise TlsError(MbedtlsError.X509_CRT_PARSE_FAILED, message) from None
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    # Dates count by the kit's clock or not at all, and OpenSSL would take the host's.
    context.verify_flags |= _NO_CHECK_TIME
    if terms.alpn:
        context.set_alpn_protocols(terms.alpn)
    if identity is not None:
        _load_identity(context, identity)
    return context


def _load_identity(context: ssl.SSLContext, identity: ClientIdentity) -> None:
    with private_file(to_pem(identity.chain)) as chain, private_file(identity.key.pem) as key:
        try:
            context.load_cert_chain(chain, key)
        except ssl.SSLError as error:
            raise TlsError(
                MbedtlsError.PK_PARSE_KEY_FAILED, f"the private key cannot be used ({error.reason})"
            ) from None


class OpensslEngine:
    """A TLS client on `link`.

    Args:
        link: the socket.
        context: see `make_context`.
        server_name: sent as SNI; None: not sent and not checked.
    """

    def __init__(self, link: Link, context: ssl.SSLContext, server_name: str | None) -> None:
        self._link = link
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._unsent = b""
        self._unconfirmed = 0
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=server_name)

    @property
    def version(self) -> str | None:
        """The TLS version agreed on, such as "TLSv1.2"."""
        return self._tls.version()

    def handshake(self) -> Want | None:
        """Go on with the handshake; None once it is done."""
        outcome = self._step(self._tls.do_handshake)
        if isinstance(outcome, _EndOfStream):
            raise TlsError(MbedtlsError.SSL_CONN_EOF, "the server closed the connection during the handshake")
        return outcome or self._flush()

    def read(self, size: int) -> bytes | Want:
        """Return up to `size` bytes, b"" once the peer has closed."""
        outcome = self._step(lambda: self._tls.read(size))
        return b"" if isinstance(outcome, _EndOfStream) else outcome

    def write(self, data: bytes) -> int | Want:
        """Send `data`; return its length once all of it has left. Call again with the same `data` after a `Want`."""
        if not self._unconfirmed:
            outcome = self._step(lambda: self._tls.write(data))
            if isinstance(outcome, Want):
                return outcome
            if isinstance(outcome, _EndOfStream):
                raise TlsError(MbedtlsError.NET_CONN_RESET, "the peer has closed the connection")
            self._unconfirmed = outcome
        if want := self._flush():
            return want
        sent, self._unconfirmed = self._unconfirmed, 0
        return sent

    def pending(self) -> int:
        """Return how many decrypted bytes wait to be read."""
        return self._tls.pending()

    def say_goodbye(self) -> None:
        """Send close_notify if that does not block."""
        # It wants the peer's close_notify, for which mbedTLS does not wait either.
        with contextlib.suppress(ssl.SSLError, ValueError):
            self._tls.unwrap()
        self._flush()

    def _step(self, call: Callable[[], _T]) -> "_T | Want | _EndOfStream":
        """Run one call of OpenSSL, feeding it from the socket until it is done or the socket would block."""
        while True:
            try:
                return call()
            except ssl.SSLWantReadError:
                if (want := self._flush()) or (want := self._fill()):
                    return want
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return _EndOfStream()
            except ssl.SSLError as error:
                self._flush()
                raise _told_by_mbedtls(error) from None

    def _fill(self) -> Want | None:
        received = self._link.receive(_RECORD)
        if isinstance(received, Want):
            return received
        if received:
            self._incoming.write(received)
        else:
            self._incoming.write_eof()
        return None

    def _flush(self) -> Want | None:
        self._unsent += self._outgoing.read()
        while self._unsent:
            sent = self._link.send(self._unsent)
            if isinstance(sent, Want):
                return sent
            self._unsent = self._unsent[sent:]
        return None


class _EndOfStream:
    """The peer sends no more."""


def _told_by_mbedtls(error: ssl.SSLError) -> TlsError:
    """Return the error as mbedTLS reports the same event."""
    if isinstance(error, ssl.SSLCertVerificationError):
        flags = _FLAGS.get(error.verify_code, VerifyFlag.NOT_TRUSTED)
        message = f"server certificate: {error.verify_message}"
        return TlsError(MbedtlsError.X509_CERT_VERIFY_FAILED, message, verify_flags=flags)
    reason = error.reason or "unknown"
    if "ALERT" in reason:
        return TlsError(MbedtlsError.SSL_FATAL_ALERT_MESSAGE, f"the server sent an alert ({reason})")
    if reason in {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST"}:
        return TlsError(MbedtlsError.SSL_INVALID_RECORD, f"the server does not speak TLS ({reason})")
    if reason in {"UNSUPPORTED_PROTOCOL", "NO_PROTOCOLS_AVAILABLE"}:
        return TlsError(MbedtlsError.SSL_BAD_PROTOCOL_VERSION, f"no common TLS version ({reason})")
    return TlsError(MbedtlsError.SSL_HANDSHAKE_FAILURE, f"TLS failed ({reason})")
