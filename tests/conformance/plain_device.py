"""A device of sockets and bytes alone: it sees what an endpoint does, and knows nothing of it."""

import contextlib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from tests.conformance.advised_device import LONG_S, Advised

CONNACK: Final = 0x20
PUBLISH: Final = 0x30
SUBACK: Final = 0x90
#: How long nothing must come for it to be silence, in seconds.
SILENCE_S: Final = 0.7


def packet(first: int, *parts: bytes) -> bytes:
    """Return an MQTT packet shorter than 128 bytes."""
    content = b"".join(parts)
    assert len(content) < 128
    return bytes([first, len(content)]) + content


def text(value: str) -> bytes:
    """Return a string as MQTT writes it."""
    return len(value).to_bytes(2) + value.encode()


class PlainDevice:
    """One connection, its TLS done."""

    def __init__(self, tls: ssl.SSLSocket, client_id: str) -> None:
        self.tls = tls
        self.client_id = client_id

    def connect(self, *, clean: bool = True) -> None:
        """Send CONNECT of MQTT 3.1.1 with a keep-alive of a minute."""
        self.tls.sendall(packet(0x10, text("MQTT"), bytes([4, 2 if clean else 0, 0, 60]), text(self.client_id)))

    def subscribe(self, topic: str, qos: int = 1) -> None:
        """Send SUBSCRIBE."""
        self.tls.sendall(packet(0x82, bytes([0, 1]), text(topic), bytes([qos])))

    def publish(self, topic: str, payload: bytes) -> None:
        """Send PUBLISH with QoS 0."""
        self.tls.sendall(packet(0x30, text(topic), payload))

    def acknowledge(self, publish: bytes) -> None:
        """Send the PUBACK of a PUBLISH with QoS 1, which is given without its first byte and length."""
        after = 2 + int.from_bytes(publish[:2])
        self.tls.sendall(packet(0x40, publish[after : after + 2]))

    def receive(self) -> tuple[int, bytes]:
        """Return kind and content of the next packet; (0, b"") where the endpoint hung up."""
        first = self._read(1)
        if not first:
            return 0, b""
        size, shift = 0, 0
        while (byte := self._read(1)[0]) & 0x80:
            size, shift = size | (byte & 0x7F) << shift, shift + 7
        return first[0] & 0xF0, self._read(size | byte << shift)

    def hears_nothing(self) -> bool:
        """Return whether the endpoint is silent, and holds the connection."""
        self.tls.settimeout(SILENCE_S)
        try:
            return bool(self.tls.recv(1)) and False
        except TimeoutError:
            return True
        finally:
            self.tls.settimeout(LONG_S)

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size and (more := self.tls.recv(size - len(data))):
            data += more
        return data


@contextmanager
def plain_device(advised: Advised, context: ssl.SSLContext | None = None) -> Iterator[PlainDevice]:
    """Yield a device that has shaken hands, strictly where no other context is given."""
    with (
        socket.create_connection(("localhost", advised.port), LONG_S) as raw,
        (context or advised.context()).wrap_socket(raw, server_hostname="localhost") as tls,
    ):
        yield PlainDevice(tls, advised.device.name)


def largest_record_before_shaking_hands(advised: Advised, most: int) -> int:
    """Shake hands with a device that has room for so many bytes of the endpoint's first flight; return what came.

    It hangs up when more comes, as a TLS stack does whose buffer is too small.
    """
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = advised.context().wrap_bio(incoming, outgoing, server_hostname="localhost")
    came = 0
    with socket.create_connection(("localhost", advised.port), LONG_S) as raw:
        while True:
            with contextlib.suppress(ssl.SSLWantReadError):
                tls.do_handshake()
            raw.sendall(outgoing.read())
            if tls.cipher() is not None and tls.getpeercert():
                return came
            data = raw.recv(65536)
            came += len(data)
            if not data or came > most:
                return came
            incoming.write(data)
