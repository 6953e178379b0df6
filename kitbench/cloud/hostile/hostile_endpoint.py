"""Endpoints that a kit must refuse, on loopback, and what the kit sent them.

Server authentication is half of mutual authentication. A firmware is built once with `HostileEndpoint.ca_pem` among its
roots and led here; then the endpoint plays one trick after the other, and the kit is reset between them.
`Trick.NONE` is the control: the same endpoint, honest, which the kit must accept.
"""

import shutil
import socket
import ssl
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from kitbench.cloud.hostile.hostile_authority import Chain, HostileAuthority
from kitbench.errors import BenchError

HOST: Final = "localhost"
_LOOPBACK: Final = "127.0.0.1"
_VISIT_TIMEOUT_S: Final = 10.0
#: Visitors served at once, and visits remembered: a kit that reconnects for ever must not fill the bench.
_AT_ONCE_MAX: Final = 8
_VISITS_MAX: Final = 1000
#: How often a wait for a visitor asks whether one may still come, in seconds.
_ASK_EVERY_S: Final = 0.25
#: First byte of a TLS record that holds a handshake (RFC 8446, 5.1), and of an MQTT CONNECT (MQTT 3.1.1, 3.1).
_TLS_HANDSHAKE: Final = 0x16
_MQTT_CONNECT: Final = 0x10
#: An accepting CONNACK in the clear, to tempt a kit that does not insist on TLS; with PINGRESPs behind it, since a TLS
#: client waits for five bytes before it looks.
_CONNACK: Final = b"\x20\x02\x00\x00\xd0\x00\xd0\x00"


class Trick(StrEnum):
    """What is wrong with the endpoint."""

    #: Nothing: name, dates, authority and protocol are good.
    NONE = "none"
    #: The certificate is for the right name, by an authority that the kit does not know.
    UNKNOWN_CA = "unknown_ca"
    #: The right name, vouched for by nobody but itself.
    SELF_SIGNED = "self_signed"
    #: The kit's authority, another host's name.
    WRONG_NAME = "wrong_name"
    #: The kit's authority, the right name, over since yesterday.
    EXPIRED = "expired"
    #: No TLS at all, and a friendly CONNACK.
    PLAIN_TCP = "plain_tcp"
    #: All good, but TLS 1.0 is the best that it speaks (RFC 8996 forbids it).
    TLS_1_0 = "tls_1_0"
    #: All good, but TLS 1.1 is the best that it speaks (RFC 8996 forbids it).
    TLS_1_1 = "tls_1_1"


_OLD: Final = {Trick.TLS_1_0: ssl.TLSVersion.TLSv1, Trick.TLS_1_1: ssl.TLSVersion.TLSv1_1}


@dataclass(frozen=True, slots=True)
class Visit:
    """One connection that a client made.

    Attributes:
        trick: that was played on it.
        time: of its beginning, in seconds since 1970.
        spoke: ``"tls"``, ``"mqtt"`` (in the clear), ``"other"`` or ``"nothing"``, by its first byte.
        shaken_hands: the TLS handshake was completed on both sides.
        client_certificate_sha256: of the DER that the client presented, or None.
        presented_certificate: whether it presented any, also one that could not be verified.
        sent_after_handshake: bytes of the first read after the handshake: a client that refuses sends none.
        reason: how it ended, in OpenSSL's words, such as ``"TLSV1_ALERT_UNKNOWN_CA"``; or ``"closed"``, ``"timeout"``.
    """

    trick: Trick
    time: float
    spoke: str
    shaken_hands: bool = False
    client_certificate_sha256: str | None = None
    presented_certificate: bool = False
    sent_after_handshake: int = 0
    reason: str = "closed"

    @property
    def was_refused(self) -> bool:
        """Whether the client turned away before it gave anything away: no certificate, no data, no clear text."""
        gave = self.presented_certificate or self.sent_after_handshake or self.spoke == "mqtt"
        return not gave


def can_play(trick: Trick) -> bool:
    """Whether this Python's OpenSSL can play the trick; some builds have no TLS 1.0 or 1.1."""
    return {Trick.TLS_1_0: ssl.HAS_TLSv1, Trick.TLS_1_1: ssl.HAS_TLSv1_1}.get(trick, True)


class HostileEndpoint:
    """A server on a loopback port; use it as a context manager.

    Args:
        client_certificate_pem: what the honest endpoint accepts as client certificate; others fail the handshake, and
            are seen all the same.
        host_names: names and addresses that its certificates are for beyond `host`.
        kit_host: the one of them that the kit is built for. The certificate of another host is for all others: a kit
            that was told to look for "localhost" would find it in the local cloud's, too.
    """

    def __init__(
        self, *, client_certificate_pem: bytes | None = None, host_names: Sequence[str] = (), kit_host: str = HOST
    ) -> None:
        self._client_certificate_pem = client_certificate_pem
        self._names = (HOST, *host_names)
        self._wrong_names = [name for name in (HOST, _LOOPBACK, *host_names) if name.lower() != kit_host.lower()]
        self._folder = Path(tempfile.mkdtemp(prefix="kitbench-hostile-"))
        self._authority = HostileAuthority(self._folder)
        self._stranger = HostileAuthority(self._folder)
        self._trick = Trick.NONE
        self._contexts: dict[Trick, ssl.SSLContext] = {}
        self._changed = threading.Condition()
        self._visits: list[Visit] = []
        self._guests = 0
        self._places = threading.Semaphore(_AT_ONCE_MAX)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._accept, name="hostile endpoint", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # shutdown wakes the accept; close alone would leave it waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(_VISIT_TIMEOUT_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def host(self) -> str:
        """The name that the honest certificate is for."""
        return HOST

    @property
    def port(self) -> int:
        """The port on 127.0.0.1."""
        return int(self._listener.getsockname()[1])

    @property
    def ca_pem(self) -> bytes:
        """The root to build the firmware with."""
        return self._authority.ca_pem

    def accept(self, client_certificate_pem: bytes) -> None:
        """From now on accept this client certificate; clients with others fail the handshake."""
        self._client_certificate_pem = client_certificate_pem
        self._contexts.clear()

    def play(self, trick: Trick) -> None:
        """Play this trick on whoever comes next.

        Raises:
            BenchError: this Python's OpenSSL cannot.
        """
        if not can_play(trick):
            raise BenchError(f"{ssl.OPENSSL_VERSION} was built without {trick}", stage="connect")
        self._trick = trick

    def visits(self) -> list[Visit]:
        """Return the connections that have ended, in the order of their ends."""
        with self._changed:
            return list(self._visits)

    def wait_for_visit(self, *, timeout_s: float, after: int = 0, unless: Callable[[], None] = lambda: None) -> Visit:
        """Return the first visit past the first `after`.

        Args:
            timeout_s: the most that the wait may take.
            after: visits that are known already.
            unless: called several times a second while nobody is here; it raises when nobody will come any more.

        Raises:
            BenchError: nobody came in time.
        """
        end = time.monotonic() + timeout_s
        while True:
            with self._changed:
                wait_s = max(0.0, min(end - time.monotonic(), _ASK_EVERY_S))
                if self._changed.wait_for(lambda: len(self._visits) > after, wait_s):
                    return self._visits[after]
                is_alone = self._guests == 0
            if is_alone:
                unless()
            if time.monotonic() >= end:
                raise BenchError(f"nobody came to {HOST}:{self.port} within {timeout_s:g} s", stage="connect")

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            if not self._places.acquire(blocking=False):
                client.close()
                continue
            with self._changed:
                self._guests += 1
            threading.Thread(target=self._serve, args=(client, self._trick), daemon=True).start()

    def _serve(self, client: socket.socket, trick: Trick) -> None:
        begun = time.time()
        try:
            with client:
                client.settimeout(_VISIT_TIMEOUT_S)
                visit = self._meet(client, trick, begun)
        except OSError as error:
            visit = Visit(trick, begun, "nothing", reason=_reason(error))
        finally:
            self._places.release()
        with self._changed:
            self._guests -= 1
            if len(self._visits) < _VISITS_MAX:
                self._visits.append(visit)
            self._changed.notify_all()

    def _meet(self, client: socket.socket, trick: Trick, begun: float) -> Visit:
        spoke = _language(client.recv(1, socket.MSG_PEEK))
        if trick is Trick.PLAIN_TCP:
            return Visit(trick, begun, spoke, reason=_answer_in_the_clear(client))
        try:
            tls = self._context(trick).wrap_socket(client, server_side=True)
        except OSError as error:
            # Our own verification fails only after the client's certificate has come.
            presented = isinstance(error, ssl.SSLCertVerificationError)
            return Visit(trick, begun, spoke, presented_certificate=presented, reason=_reason(error))
        with tls:
            return _after_handshake(tls, trick, begun, spoke)

    def _context(self, trick: Trick) -> ssl.SSLContext:
        with self._changed:
            if trick not in self._contexts:
                self._contexts[trick] = self._make_context(trick)
            return self._contexts[trick]

    def _make_context(self, trick: Trick) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._chain(trick).pem_file)
        context.verify_mode = ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        if self._client_certificate_pem is not None:
            context.load_verify_locations(cadata=self._client_certificate_pem.decode("ascii"))
        if trick in _OLD:
            # OpenSSL 3 wants security level 0 for the old versions' SHA-1 signatures; Python warns, and it is meant.
            context.set_ciphers("ALL:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.minimum_version = ssl.TLSVersion.TLSv1
                context.maximum_version = _OLD[trick]
        return context

    def _chain(self, trick: Trick) -> Chain:
        match trick:
            case Trick.UNKNOWN_CA:
                return self._stranger.issue(*self._names)
            case Trick.SELF_SIGNED:
                return self._stranger.issue_self_signed(*self._names)
            case Trick.WRONG_NAME:
                return self._authority.issue("somebody-else.example", *dict.fromkeys(self._wrong_names))
            case Trick.EXPIRED:
                return self._authority.issue(*self._names, begins=timedelta(days=-9), lasts=timedelta(days=8))
            case _:
                return self._authority.issue(*self._names)


def _answer_in_the_clear(client: socket.socket) -> str:
    """Be friendly without TLS; return how the client took it."""
    try:
        client.recv(4096)
        client.sendall(_CONNACK)
        answer = client.recv(4096)
    except OSError as error:
        return _reason(error)
    return "closed" if not answer else f"answered with {_language(answer)}"


def _after_handshake(tls: ssl.SSLSocket, trick: Trick, begun: float, spoke: str) -> Visit:
    """Read once: does the client go on?"""
    certificate = tls.getpeercert(binary_form=True)
    fingerprint = sha256(certificate).hexdigest() if certificate else None
    try:
        sent, reason = len(tls.recv(4096)), "closed"
    except OSError as error:
        sent, reason = 0, _reason(error)
    return Visit(
        trick,
        begun,
        spoke,
        shaken_hands=True,
        client_certificate_sha256=fingerprint,
        presented_certificate=certificate is not None,
        sent_after_handshake=sent,
        reason=reason,
    )


def _language(first: bytes) -> str:
    if not first:
        return "nothing"
    return {_TLS_HANDSHAKE: "tls", _MQTT_CONNECT: "mqtt"}.get(first[0], "other")


def _reason(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return "timeout"
    if isinstance(error, ssl.SSLError):
        return error.reason or type(error).__name__
    return error.strerror or type(error).__name__
