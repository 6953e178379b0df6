import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from kitbench.bench.traffic.relay import LOOPBACK, Relay


@contextmanager
def echo(prefix: bytes) -> Iterator[int]:
    """Serve whoever comes: what they say comes back behind a prefix, and their end is answered with one."""
    with socket.create_server((LOOPBACK, 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    client, _ = listener.accept()
                except OSError:
                    return
                with client:
                    while data := client.recv(100):
                        client.sendall(prefix + data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def said(relay: Relay, text: bytes) -> bytes:
    with socket.create_connection((LOOPBACK, relay.port), 5) as link:
        link.sendall(text)
        return link.recv(100)


def test_relay_leads_elsewhere_and_home_again() -> None:
    with echo(b"home ") as home, echo(b"away ") as away, Relay(LOOPBACK, home) as relay:
        assert said(relay, b"one") == b"home one"
        relay.lead_to(LOOPBACK, away)
        assert said(relay, b"two") == b"away two"
        relay.lead_home()
        assert said(relay, b"three") == b"home three"


def test_connection_that_stands_stays_where_it_is() -> None:
    with (
        echo(b"home ") as home,
        Relay(LOOPBACK, home) as relay,
        socket.create_connection((LOOPBACK, relay.port), 5) as link,
    ):
        link.sendall(b"one")
        assert link.recv(100) == b"home one"
        relay.lead_to(LOOPBACK, 1)
        link.sendall(b"two")
        assert link.recv(100) == b"home two"


def test_attempts_are_counted_even_where_nobody_is() -> None:
    with socket.create_server((LOOPBACK, 0)) as nobody:
        port = nobody.getsockname()[1]
    with Relay(LOOPBACK, port) as relay:
        before = time.time()
        with socket.create_connection((LOOPBACK, relay.port), 5) as link:
            assert link.recv(1) == b""  # it ends, as it would with nobody there
        assert relay.attempts(after=before) == 1
        assert relay.attempts(after=time.time()) == 0


def test_end_of_the_relay_ends_its_connections() -> None:
    with echo(b"") as home:
        with Relay(LOOPBACK, home) as relay:
            link = socket.create_connection((LOOPBACK, relay.port), 5)
            link.sendall(b"one")
            assert link.recv(100) == b"one"
            port = relay.port
        with link:
            assert link.recv(1) == b""
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((LOOPBACK, port), 5)


def test_cut_ends_the_connections_that_are_there_and_serves_the_next() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, Relay(*server.getsockname()) as relay:
        first = socket.create_connection(("127.0.0.1", relay.port), 5)
        there, _ = server.accept()
        with first, there:
            first.sendall(b"x")
            assert there.recv(1) == b"x"  # the relay knows both ends now
            relay.cut()
            assert first.recv(1) == b""
        with socket.create_connection(("127.0.0.1", relay.port), 5) as second:
            again, _ = server.accept()
            with again:
                second.sendall(b"y")
                assert again.recv(1) == b"y"
