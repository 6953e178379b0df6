"""TLS on the message broker's port, over memory BIOs.

asyncio's own TLS drops the alert of a failed handshake and keeps its reason; a kit's author needs the first, the events
need the second. And a port that also speaks WebSocket decides by the first bytes what it is.
"""

import asyncio
import contextlib
import hashlib
import ssl
from collections.abc import Callable
from typing import Final, Protocol

#: First byte of a TLS record with a handshake message. Source: RFC 8446, section 5.1.
_HANDSHAKE_RECORD: Final = 0x16
_CHUNK: Final = 256 * 1024
#: How long a client that was hung up on may take to close, in seconds.
_LINGER_S: Final = 2.0
#: Reading from a client stops while it has this many bytes to take itself.
_READ_NO_FURTHER: Final = 1024 * 1024


class Receiver(Protocol):
    """What gets the decrypted bytes."""

    def receive(self, data: bytes) -> None:
        """Take bytes."""

    def lost(self, why: str = ...) -> None:
        """Take note that nothing will come any more."""


class Watcher:
    """Sees how a connection comes about; as it stands, it looks away."""

    def heard(self, data: bytes) -> None:
        """Take note of bytes that came before the handshake was done."""

    def secured(self) -> None:
        """Take note that the handshake is done on both sides."""


class TlsStream(asyncio.Protocol):
    """One accepted connection.

    Args:
        context: of the server, as it is now.
        open_receiver: makes the receiver when the handshake is done, from the stream and the first bytes.
        on_refused: is told address and reason of a handshake that failed.
        handshake_timeout_s: seconds for the handshake and the first bytes.
        watcher: sees the handshake.
        record_size: the longest TLS record of data that is sent, in bytes; None for OpenSSL's own.
    """

    def __init__(  # noqa: PLR0913 - what may be chosen, by name
        self,
        context: ssl.SSLContext,
        *,
        open_receiver: Callable[["TlsStream", bytes], Receiver],
        on_refused: Callable[[str, str], None],
        handshake_timeout_s: float,
        watcher: Watcher | None = None,
        record_size: int | None = None,
    ) -> None:
        self._watcher = watcher or Watcher()
        self._record_size = record_size
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._open_receiver = open_receiver
        self._on_refused = on_refused
        self._timeout_s = handshake_timeout_s
        self._receiver: Receiver | None = None
        self._secured = False
        self._started = False
        self._closing = False
        self._unsent: list[bytes] = []
        self._unsent_size = 0
        self._flush_due = False
        self.address = ""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for the client's hello."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._loop = asyncio.get_running_loop()
        peer = transport.get_extra_info("peername")
        self.address = str(peer[0]) if peer else ""
        self._timer = self._loop.call_later(self._timeout_s, self._give_up)

    def data_received(self, data: bytes) -> None:
        """Decrypt bytes from the network, and hand them to the receiver."""
        if self._closing:
            return
        if not self._started and data[0] != _HANDSHAKE_RECORD:
            self._refuse("the client does not speak TLS")
            return
        self._started = True
        if not self._secured:
            self._watcher.heard(data)
        self._incoming.write(data)
        try:
            if self._secured or self._handshake():
                self._read()
        except ssl.SSLError as error:
            self._refuse(_reason(error))
        self._send_outgoing()
        if self.backlog() > _READ_NO_FURTHER and not self._closing:
            self._transport.pause_reading()

    def eof_received(self) -> None:
        """Let asyncio close; `connection_lost` follows."""

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the receiver, or the record, that the client went away."""
        self._timer.cancel()
        was_closing, self._closing = self._closing, True
        if self._receiver is not None:
            self._receiver.lost("the client hung up" if exc is None else f"connection lost: {exc}")
        elif not was_closing:
            self._on_refused(self.address, "the client hung up during the TLS handshake or before it said anything")

    def resume_writing(self) -> None:
        """Read on: the client has taken what was waiting for it."""
        if not self._closing:
            self._transport.resume_reading()

    def write(self, data: bytes) -> None:
        """Send soon; writes of one turn of the loop share TLS records."""
        if self._closing:
            return
        self._unsent.append(data)
        self._unsent_size += len(data)
        if not self._flush_due:
            self._flush_due = True
            self._loop.call_soon(self._flush)

    def close(self) -> None:
        """Send what was written, say goodbye, close."""
        if self._closing:
            return
        self._flush()
        self._closing = True
        with contextlib.suppress(ssl.SSLError):  # the client's goodbye is not waited for
            self._tls.unwrap()
        self._hang_up()

    def backlog(self) -> int:
        """Return how many bytes wait for the client to take them."""
        return self._unsent_size + self._transport.get_write_buffer_size()

    def certificate_id(self) -> str | None:
        """Return SHA-256 of the client certificate's DER, which is its id on AWS; None without one."""
        der = self._tls.getpeercert(binary_form=True)
        return None if der is None else hashlib.sha256(der).hexdigest()

    def _handshake(self) -> bool:
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self._secured = True
        self._watcher.secured()
        return True

    def _read(self) -> None:
        while not self._closing:
            try:
                data = self._tls.read(_CHUNK)
            except ssl.SSLWantReadError:
                return
            if not data:
                self._transport.close()
                return
            if self._receiver is None:
                self._timer.cancel()
                self._receiver = self._open_receiver(self, data)
            self._receiver.receive(data)

    def _flush(self) -> None:
        self._flush_due = False
        if not self._unsent or self._closing:
            return
        data, self._unsent, self._unsent_size = b"".join(self._unsent), [], 0
        size = self._record_size or len(data)
        try:
            for start in range(0, len(data), size):
                self._tls.write(data[start : start + size])
        except ssl.SSLError:
            # Writes happen on behalf of others, too: a broken stream is this client's trouble alone.
            self._transport.abort()
            return
        self._send_outgoing()

    def _send_outgoing(self) -> None:
        if data := self._outgoing.read():
            self._transport.write(data)

    def _refuse(self, why: str) -> None:
        """Send the alert, which OpenSSL has written, and close."""
        if self._receiver is None:
            self._on_refused(self.address, why)
        self._closing = True
        self._hang_up()

    def _hang_up(self) -> None:
        """Send what is left and wait for the client to close.

        Closing with bytes of the client unread resets the connection, and the reset overtakes the alert or the reason
        code on its way to the client. One that does not close, or takes nothing more, is cut.
        """
        self._send_outgoing()
        if self._transport.is_closing():
            return
        with contextlib.suppress(OSError):  # the client has reset the connection meanwhile
            self._transport.write_eof()
        self._transport.resume_reading()
        self._loop.call_later(_LINGER_S, self._transport.abort)

    def _give_up(self) -> None:
        if self._receiver is None and not self._closing:
            self._refuse("no TLS handshake or no first packet in time")


def _reason(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"client certificate refused: {error.verify_message}"
    return f"TLS failed: {error.reason or error}"


def make_context(chain_path: str, key_path: str, ca_pem: bytes) -> ssl.SSLContext:
    """Return the server's TLS context: TLS 1.2 and 1.3, and the local CA for clients' certificates.

    Whether a certificate is registered and ACTIVE is judged at CONNECT, where the reason can be recorded. Certificates
    of other CAs are let through by `trust`.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(chain_path, key_path)
    # WebSocket clients sign with SigV4 and have no certificate; MQTT without one is refused at CONNECT.
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.set_alpn_protocols(["x-amzn-mqtt-ca", "mqtt", "http/1.1"])
    trust(context, ca_pem)
    return context


def trust(context: ssl.SSLContext, certificate_pem: bytes) -> None:
    """Let a certificate (or what it signed) through the handshake; a registered leaf needs no CA to be trusted."""
    context.load_verify_locations(cadata=certificate_pem.decode())
