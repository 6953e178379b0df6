"""A TLS connection of the kit: blocking calls with a time limit, closed from any thread at any moment."""

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Final, TypeVar

from kitbench.virtual_kit.tls.access_point import wait_until_ready
from kitbench.virtual_kit.tls.engine import Engine, Want
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError

_T = TypeVar("_T")

#: The most that one read returns, in bytes: a TLS record.
READ_LIMIT: Final = 16384


class SocketLink:
    """A non-blocking socket whose errors are mbedTLS's."""

    def __init__(self, link: socket.socket) -> None:
        self.socket: Final = link

    def receive(self, size: int) -> bytes | Want:
        """Return up to `size` bytes, b"" at the end of the stream."""
        try:
            return self.socket.recv(size)
        except (BlockingIOError, InterruptedError):
            return Want.READABLE
        except OSError as error:
            raise TlsError(MbedtlsError.NET_CONN_RESET, f"the connection broke ({error.strerror})") from error

    def send(self, data: bytes) -> int | Want:
        """Return how many bytes the socket took."""
        try:
            return self.socket.send(data)
        except (BlockingIOError, InterruptedError):
            return Want.WRITABLE
        except OSError as error:
            raise TlsError(MbedtlsError.NET_SEND_FAILED, f"the connection broke ({error.strerror})") from error


class TlsConnection:
    """An open connection. One thread may read while another writes: only waiting happens side by side.

    Args:
        link: a connected socket that does not block; the connection owns it.
        engine: the TLS implementation on that socket.
        timeout_s: the limit of a write.
    """

    def __init__(self, link: socket.socket, engine: Engine, *, timeout_s: float) -> None:
        self._socket = link
        self._engine = engine
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._users = 0
        self._closed = False
        self._early = b""

    @property
    def is_closed(self) -> bool:
        """Whether this side has closed it."""
        return self._closed

    def handshake(self) -> None:
        """Run the handshake to its end.

        Raises:
            TlsError: also `SSL_TIMEOUT` when it takes longer than the connection's time-out.
        """
        try:
            self._drive(self._engine.handshake, self._timeout_s)
        except TimeoutError as error:
            raise TlsError(MbedtlsError.SSL_TIMEOUT, "the handshake took too long") from error

    def read(self, size: int, timeout_s: float) -> bytes:
        """Return 1 to `size` bytes, b"" once either side has closed.

        Raises:
            TimeoutError: nothing came within `timeout_s`.
            TlsError: the connection broke, or the peer sent an alert.
        """
        wanted = max(1, min(size, READ_LIMIT))
        if not self._early:
            try:
                return self._drive(lambda: self._engine.read(wanted), timeout_s)
            except _ClosedHereError:
                return b""
        with self._lock:
            taken, self._early = self._early[:wanted], self._early[wanted:]
        return taken

    def wait_readable(self, timeout_s: float) -> bool:
        """Return whether a read would answer at once, with bytes, the end or an error: `select` on the kit's socket.

        For the thread that reads: it takes what has come out of the TLS engine and keeps it for the next read.
        """
        if self._early:
            return True
        try:
            self._early = self._drive(lambda: self._engine.read(READ_LIMIT), timeout_s)
        except TimeoutError:
            return False
        except TlsError:
            return True  # a broken connection fails again when it is read
        return True

    def write(self, data: bytes, timeout_s: float | None = None) -> int:
        """Send all of `data` and return its length (plain TCP: as much as the socket took).

        Raises:
            TimeoutError: the peer does not take it within the connection's time-out.
            TlsError: the connection broke or is closed.
        """
        if not data:
            return 0
        return self._drive(lambda: self._engine.write(data), self._timeout_s if timeout_s is None else timeout_s)

    def pending(self) -> int:
        """Return how many bytes can be read at once without waiting for the network."""
        with self._lock:
            return len(self._early) or (0 if self._closed else self._engine.pending())

    def close(self) -> None:
        """Close from any thread; a reader that waits returns b"" at once. Idempotent."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(TlsError, OSError):
                self._engine.say_goodbye()
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            if not self._users:
                self._socket.close()

    def _drive(self, step: Callable[[], _T | Want], timeout_s: float) -> _T:
        """Repeat `step`, waiting for what it wants, until it is done."""
        deadline = time.monotonic() + timeout_s
        with self._in_use():
            while True:
                with self._lock:
                    if self._closed:
                        raise _ClosedHereError
                    outcome = step()
                if not isinstance(outcome, Want):
                    return outcome
                remaining_s = deadline - time.monotonic()
                if remaining_s <= 0 or not wait_until_ready(self._socket, outcome, timeout_s=remaining_s):
                    raise TimeoutError

    @contextlib.contextmanager
    def _in_use(self) -> Iterator[None]:
        """Keep the socket's number from being given to another file while a thread waits on it."""
        with self._lock:
            if self._closed:
                raise _ClosedHereError
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if self._closed and not self._users:
                    self._socket.close()


class _ClosedHereError(TlsError):
    """This side closed the connection."""

    def __init__(self) -> None:
        super().__init__(MbedtlsError.NET_CONN_RESET, "the connection is closed")
