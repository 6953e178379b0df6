"""A way that leads now to the cloud and now elsewhere, so that one build of a firmware meets both."""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from kitbench.errors import BenchError

LOOPBACK: Final = "127.0.0.1"
_CONNECT_WITHIN_S: Final = 10.0
#: Connections at once: a kit that reconnects for ever must not fill the bench.
_AT_ONCE_MAX: Final = 32
_CHUNK: Final = 1 << 16


class Relay:
    """Passes the bytes of TCP connections on, as they are; use it as a context manager.

    Args:
        host: where it leads to at first.
        port: there.
        at: the address and port of this machine that it listens at; port 0 is any free one.

    Raises:
        BenchError: it cannot listen there.
    """

    def __init__(self, host: str, port: int, *, at: tuple[str, int] = (LOOPBACK, 0)) -> None:
        self._home = self._target = (host, port)
        self._attempts: list[float] = []
        self._places = threading.Semaphore(_AT_ONCE_MAX)
        self._lock = threading.Lock()
        self._links: set[socket.socket] = set()
        self._listener = _listener(at)
        self._thread = threading.Thread(target=self._accept, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # shutdown wakes the accept; close alone would leave it waiting.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(_CONNECT_WITHIN_S)
        self.cut()

    @property
    def port(self) -> int:
        """The port that it listens at."""
        return int(self._listener.getsockname()[1])

    def lead_to(self, host: str, port: int) -> None:
        """Lead whoever comes from now on somewhere else; those who are there stay."""
        self._target = (host, port)

    def lead_home(self) -> None:
        """Lead whoever comes from now on to where the relay led at first."""
        self._target = self._home

    def cut(self) -> None:
        """End every connection at once, as when the broker restarts; whoever comes back is served."""
        with self._lock:
            links = [*self._links]
        for link in links:
            _shut(link)

    def attempts(self, *, after: float) -> int:
        """Return how many connections came later than a moment, in seconds since 1970."""
        with self._lock:
            return sum(moment > after for moment in self._attempts)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._attempts.append(time.time())
            if self._places.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(client, self._target), daemon=True).start()
            else:
                client.close()

    def _serve(self, client: socket.socket, target: tuple[str, int]) -> None:
        try:
            with client, socket.create_connection(target, _CONNECT_WITHIN_S) as server, self._known(client, server):
                server.settimeout(None)
                for link in (client, server):
                    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                back = threading.Thread(target=_pass, args=(server, client), daemon=True)
                back.start()
                _pass(client, server)
                back.join()
        except OSError:
            pass  # nobody is there: the client sees its connection end, as it would without us
        finally:
            self._places.release()

    @contextlib.contextmanager
    def _known(self, *links: socket.socket) -> Iterator[None]:
        with self._lock:
            self._links.update(links)
        try:
            yield
        finally:
            with self._lock:
                self._links.difference_update(links)


def _listener(at: tuple[str, int]) -> socket.socket:
    try:
        return socket.create_server(at)
    except OSError as error:
        raise BenchError(
            f"cannot listen at {at[0]}:{at[1]}: {error.strerror}",
            stage="relay",
            fix="name an address of this machine, and a port that is free",
        ) from error


def _pass(source: socket.socket, sink: socket.socket) -> None:
    """Pass bytes on until the source ends or either side is gone; then both have ended."""
    with contextlib.suppress(OSError):
        while data := source.recv(_CHUNK):
            sink.sendall(data)
    _shut(sink)
    _shut(source)


def _shut(link: socket.socket) -> None:
    with contextlib.suppress(OSError):
        link.shutdown(socket.SHUT_RDWR)
