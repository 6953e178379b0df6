"""What a connection asks of a TLS implementation: steps that never block."""

import selectors
from enum import IntEnum
from typing import Protocol


class Want(IntEnum):
    """What the socket has to become before the step can be tried again."""

    READABLE = selectors.EVENT_READ
    WRITABLE = selectors.EVENT_WRITE


class Engine(Protocol):
    """One TLS client connection on a socket that does not block. Every method raises `TlsError`."""

    def handshake(self) -> Want | None:
        """Go on with the handshake; None once it is done."""

    def read(self, size: int) -> bytes | Want:
        """Return up to `size` bytes, b"" once the peer has closed."""

    def write(self, data: bytes) -> int | Want:
        """Send `data`; return its length once all of it has left. Call again with the same `data` after a `Want`."""

    def pending(self) -> int:
        """Return how many decrypted bytes wait to be read."""

    def say_goodbye(self) -> None:
        """Send close_notify if that does not block."""


class PlainEngine:
    """No TLS at all, for `mqtt://`."""

    def __init__(self, link: "Link") -> None:
        self._link = link

    def handshake(self) -> None:
        """Do nothing."""

    def read(self, size: int) -> bytes | Want:
        """Return up to `size` bytes, b"" once the peer has closed."""
        return self._link.receive(size)

    def write(self, data: bytes) -> int | Want:
        """Send as much of `data` as the socket takes."""
        return self._link.send(data)

    def pending(self) -> int:
        """Return 0: nothing is buffered here."""
        return 0

    def say_goodbye(self) -> None:
        """Do nothing."""


class Link(Protocol):
    """The socket below an engine, with its errors told as mbedTLS tells them."""

    def receive(self, size: int) -> bytes | Want:
        """Return up to `size` bytes, b"" at the end of the stream."""

    def send(self, data: bytes) -> int | Want:
        """Return how many bytes the socket took."""
