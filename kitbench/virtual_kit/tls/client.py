"""Opens the kit's connections and closes all of them when the kit is reset."""

import contextlib
import re
import threading
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509

from kitbench.virtual_kit.hardware.cpu_interface import SecureElementBus, Way
from kitbench.virtual_kit.tls.access_point import connect
from kitbench.virtual_kit.tls.amazon_roots import with_stand_in
from kitbench.virtual_kit.tls.connection import SocketLink, TlsConnection
from kitbench.virtual_kit.tls.credentials import (
    ClientIdentity,
    ClientKey,
    MaximumVersion,
    ServerChecks,
    Terms,
    parse_certificates,
    parse_private_key,
)
from kitbench.virtual_kit.tls.embedded_key import OpensslEngine, make_context
from kitbench.virtual_kit.tls.engine import Engine, PlainEngine
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError
from kitbench.virtual_kit.tls.signer import slot_signer

#: lwIP's sockets on an ESP32 (`CONFIG_LWIP_MAX_SOCKETS`).
SOCKET_LIMIT: Final = 10
#: A host name or address: labels of up to 63 characters, 253 in all.
_NAME: Final = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_:-]{1,63}(\.[A-Za-z0-9_-]{1,63})*")


class TlsClient:
    """The network of one running app.

    Args:
        log: takes one line into the kit's own log, about an endpoint out of reach or a connection that failed.
    """

    def __init__(self, log: Callable[[str], None] = lambda _line: None) -> None:
        self._log = log
        self._lock = threading.Lock()
        self._connections: list[TlsConnection] = []
        self._closed = False
        # OpenSSL's proof that an RSA key is one takes a tenth of a second, and firmware hands the same key in at each
        # connect. Gone with the app, in whose memory the key is as long.
        self._parse_key = lru_cache(maxsize=2)(parse_private_key)

    def open_tls(  # noqa: PLR0913 - one argument for each field of esp_tls_cfg_t that matters
        self,
        host: str,
        port: int,
        *,
        allowed: tuple[Way, ...],
        ca_pem: bytes | None,
        certificate_pem: bytes | None,
        private_key_pem: bytes | None,
        secure_element: SecureElementBus | None,
        alpn: tuple[str, ...] = (),
        timeout_s: float = 10.0,
        server_name: str | None = None,
        check_name: bool = True,
        takes_any_server: bool = False,
        clock: datetime | None = None,
        maximum: MaximumVersion = MaximumVersion.TLS_1_2,
        stand_in_root: bytes = b"",
    ) -> TlsConnection:
        """Connect to `host` and run the handshake, as `esp_tls_conn_new_sync` does.

        Args:
            host: a name or address in `allowed`; nothing else is reachable.
            port: its port.
            allowed: the endpoints that the access point leads to.
            ca_pem: trusted certificates; None fails, unless the firmware takes any server.
            certificate_pem: the client's certificate; None: the client shows none.
            private_key_pem: its key, where the firmware holds it.
            secure_element: the bus of the chip whose slot 0 signs, where `use_secure_element` is set.
            alpn: protocols to offer.
            timeout_s: limit for the TCP connection, for the handshake, and later for each write.
            server_name: `common_name` of esp-tls: the name to expect instead of `host`.
            check_name: False for esp-tls's `skip_common_name`.
            takes_any_server: `CONFIG_ESP_TLS_SKIP_SERVER_CERT_VERIFY`: without `ca_pem` nothing is verified.
            clock: what the kit's clock says, where validity dates count (`CONFIG_MBEDTLS_HAVE_TIME_DATE`); ESP-IDF's
                default is that they do not.
            maximum: the newest TLS version to offer.
            stand_in_root: PEM of a root that is trusted, too, if one of Amazon's is; empty for none.

        Raises:
            TlsError: with mbedTLS's or esp-tls's code.
        """

        def make_engine(link: SocketLink) -> Engine:
            # esp-tls reads CA, certificate and key only once TCP stands: so their errors come after the network's.
            if ca_pem is None and not takes_any_server:
                raise TlsError(MbedtlsError.SSL_SETUP_FAILED, "no server verification option set")
            anchors = () if ca_pem is None else parse_certificates(ca_pem, what="CA certificate")
            if stand_in_root:
                anchors = with_stand_in(anchors, parse_certificates(stand_in_root, what="stand-in's root"))
            checks = ServerChecks(
                anchors, (server_name or host) if check_name else None, clock, verifies=ca_pem is not None
            )
            terms = Terms(checks, alpn, maximum)
            _require_plain_names(terms)
            if secure_element is not None:
                return _secure_element_engine(link, certificate_pem, secure_element, terms)
            identity = self._embedded_identity(certificate_pem, private_key_pem)
            if clock is not None or (identity is not None and not identity.is_pair):
                # Python's OpenSSL knows no clock but the host's, and refuses to load a key that is not the
                # certificate's; with mbedTLS the server finds that out.
                chain, key = (identity.chain, identity.key) if identity else ((), None)
                return _tlslite_engine(link, chain, key, terms)
            return OpensslEngine(link, make_context(terms, identity), checks.server_name)

        return self._open(host, port, make_engine, allowed=allowed, timeout_s=timeout_s)

    def open_tcp(self, host: str, port: int, *, allowed: tuple[Way, ...], timeout_s: float = 10.0) -> TlsConnection:
        """Connect without TLS (`is_plain_tcp`).

        Raises:
            TlsError: with esp-tls's code.
        """
        return self._open(host, port, PlainEngine, allowed=allowed, timeout_s=timeout_s)

    def close(self) -> None:
        """Close every connection and give up those being made; idempotent, from any thread."""
        with self._lock:
            self._closed = True
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()

    def _open(
        self,
        host: str,
        port: int,
        make_engine: Callable[[SocketLink], Engine],
        *,
        allowed: tuple[Way, ...],
        timeout_s: float,
    ) -> TlsConnection:
        try:
            link = connect(host, port, allowed=allowed, timeout_s=timeout_s, is_cancelled=lambda: self._closed)
            with contextlib.ExitStack() as undo:
                undo.callback(link.close)
                connection = TlsConnection(link, make_engine(SocketLink(link)), timeout_s=timeout_s)
                undo.callback(connection.close)
                self._adopt(connection)
                connection.handshake()
                undo.pop_all()
                return connection
        except TlsError as error:
            self._log(f"network: {host[:255]!r}:{port}: {error}")
            raise

    def _embedded_identity(self, certificate_pem: bytes | None, private_key_pem: bytes | None) -> ClientIdentity | None:
        """Return the client's identity; None where the firmware gives neither part, or only one (esp-tls' error)."""
        if certificate_pem is None and private_key_pem is None:
            return None
        if certificate_pem is None or private_key_pem is None:
            raise TlsError(MbedtlsError.INVALID_STATE, "mutual authentication needs both certificate and private key")
        chain = parse_certificates(certificate_pem, what="client certificate")
        return ClientIdentity(chain, self._parse_key(private_key_pem))

    def _adopt(self, connection: TlsConnection) -> None:
        """Remember the connection before its handshake, so that a reset ends that, too."""
        with self._lock:
            self._connections = [known for known in self._connections if not known.is_closed]
            if self._closed or len(self._connections) >= SOCKET_LIMIT:
                raise TlsError(MbedtlsError.CANNOT_CREATE_SOCKET, "no socket left")
            self._connections.append(connection)


def _require_plain_names(terms: Terms) -> None:
    """Refuse names that TLS has no room for, before a library stumbles over what a firmware made up."""
    name = terms.checks.server_name
    if name is not None and not _NAME.fullmatch(name):
        raise TlsError(MbedtlsError.SSL_SET_HOSTNAME_FAILED, "the server's name is no host name")
    if not all(protocol.isascii() and 0 < len(protocol) < 256 for protocol in terms.alpn):
        raise TlsError(MbedtlsError.SSL_CONF_ALPN_PROTOCOLS_FAILED, "an ALPN protocol is no short ASCII text")


def _secure_element_engine(
    link: SocketLink, certificate_pem: bytes | None, bus: SecureElementBus, terms: Terms
) -> Engine:
    if certificate_pem is None:
        raise TlsError(MbedtlsError.ESP_FAIL, "a TrustCustom chip needs the device certificate from the firmware")
    chain = parse_certificates(certificate_pem, what="client certificate")
    return _tlslite_engine(link, chain, slot_signer(bus), terms)


def _tlslite_engine(
    link: SocketLink,
    chain: tuple[x509.Certificate, ...],
    key: Callable[[bytes], bytes] | ClientKey | None,
    terms: Terms,
) -> Engine:
    # Loading tlslite takes a tenth of a second and few kits need it.
    from kitbench.virtual_kit.tls.tlslite_engine import TlsliteEngine  # noqa: PLC0415 - see above

    return TlsliteEngine(link, chain=chain, key=key, terms=terms)
