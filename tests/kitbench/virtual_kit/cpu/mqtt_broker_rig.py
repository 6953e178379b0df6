"""A message broker that does what a test tells it, packet by packet, over TLS with client certificates."""

import queue
import socket
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.kitbench.virtual_kit.tls.tls_servers import Authority, Issued, server_context

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK = 1, 2, 3, 4, 8, 9
UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = 10, 11, 12, 13, 14
TIMEOUT_S = 30.0


@dataclass(frozen=True)
class Packet:
    """A control packet: its first byte and what follows the remaining length."""

    first: int
    body: bytes

    @property
    def kind(self) -> int:
        return self.first >> 4

    @property
    def id(self) -> bytes:
        """The packet identifier of anything but PUBLISH."""
        return self.body[:2]

    @property
    def topic(self) -> bytes:
        return self.body[2 : 2 + int.from_bytes(self.body[:2])]

    @property
    def publish_id(self) -> bytes:
        return self.body[2 + len(self.topic) : 4 + len(self.topic)] if self.first & 0x06 else b""

    @property
    def payload(self) -> bytes:
        return self.body[2 + len(self.topic) + len(self.publish_id) :]


def packet(kind: int, body: bytes = b"", flags: int = 0) -> bytes:
    """Return a control packet."""
    length, header = len(body), bytearray((kind << 4 | flags,))
    while True:
        header.append(length & 0x7F | (0x80 if length > 0x7F else 0))
        length >>= 7
        if not length:
            return bytes(header) + body


def publish(topic: bytes, payload: bytes, *, packet_id: int = 0) -> bytes:
    """Return a PUBLISH, of QoS 1 where it has an id."""
    number = packet_id.to_bytes(2) if packet_id else b""
    return packet(PUBLISH, len(topic).to_bytes(2) + topic + number + payload, 2 if packet_id else 0)


class Session:
    """One client's connection."""

    def __init__(self, tls: ssl.SSLSocket) -> None:
        self._tls = tls

    def receive(self) -> Packet:
        """Return the next packet.

        Raises:
            EOFError: the client has closed.
        """
        first, length, shift = self._exactly(1)[0], 0, 0
        while True:
            byte = self._exactly(1)[0]
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return Packet(first, self._exactly(length))

    def expect(self, kind: int) -> Packet:
        """Return the next packet, which has to be of this kind."""
        received = self.receive()
        assert received.kind == kind, received
        return received

    def send(self, data: bytes) -> None:
        self._tls.sendall(data)

    def accept(self, code: int = 0) -> Packet:
        """Answer the client's CONNECT and return it."""
        connect = self.expect(CONNECT)
        self.send(packet(CONNACK, bytes((0, code))))
        return connect

    def is_over(self) -> bool:
        """Wait for the client to close."""
        try:
            while True:
                self.receive()
        except (EOFError, OSError):
            return True

    def close(self) -> None:
        self._tls.close()

    def _exactly(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self._tls.recv(size - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data


@dataclass
class Broker:
    """Listens, and hands each connection that got through TLS to the test."""

    authority: Authority
    folder: Path
    sessions: "queue.Queue[Session]" = field(default_factory=queue.Queue)
    refusals: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        issued = self.authority.issue("localhost", names=["localhost"])
        self._context = server_context(issued, self.folder, self.authority, needs_client=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self._stopped = False
        self._open: list[ssl.SSLSocket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    def session(self) -> Session:
        """Return the next client's connection."""
        try:
            return self.sessions.get(timeout=TIMEOUT_S)
        except queue.Empty:
            raise AssertionError(f"no client came; refused: {self.refusals}") from None

    def stop(self) -> None:
        self._stopped = True
        self._thread.join()
        self._listener.close()
        for tls in self._open:
            tls.close()

    def _serve(self) -> None:
        while not self._stopped:
            try:
                link, _ = self._listener.accept()
            except OSError:
                continue
            link.settimeout(TIMEOUT_S)
            try:
                tls = self._context.wrap_socket(link, server_side=True)
            except OSError as error:
                self.refusals.append(str(error))
                link.close()
                continue
            self._open.append(tls)
            self.sessions.put(Session(tls))


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until `condition` holds."""
    end = time.monotonic() + TIMEOUT_S
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def c_string(issued: Issued | bytes) -> str:
    """Return bytes as a C string literal."""
    data = issued if isinstance(issued, bytes) else issued.pem
    return '"' + "".join(f'\\x{byte:02x}""' for byte in data) + '"'
