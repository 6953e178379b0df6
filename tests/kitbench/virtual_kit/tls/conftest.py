"""Certificates made for the session, and TLS servers on loopback."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.kitbench.virtual_kit.tls.tls_servers import Authority, Issued, Server, accept, make_authority, server_context


@pytest.fixture(name="authority", scope="session")
def _authority() -> Authority:
    return make_authority()


@pytest.fixture(name="server_certificate", scope="session")
def _server_certificate(authority: Authority) -> Issued:
    return authority.issue("localhost", names=["localhost"], usage=ExtendedKeyUsageOID.SERVER_AUTH)


@pytest.fixture(name="serve")
def _serve(authority: Authority, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Return a function that starts an OpenSSL echo server with a certificate."""
    stops: list[Callable[[], None]] = []

    def serve(
        issued: Issued,
        *,
        needs_client: bool = True,
        version: ssl.TLSVersion | None = None,
        clients: Issued | None = None,
    ) -> Server:
        context = server_context(issued, tmp_path, clients or authority, needs_client=needs_client)
        if version:
            context.minimum_version = context.maximum_version = version
        server = Server()
        listener = socket.create_server(("127.0.0.1", 0))
        server.port = listener.getsockname()[1]
        thread = threading.Thread(target=accept, args=(listener, context, server), daemon=True)
        thread.start()

        def stop() -> None:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join(10)
            listener.close()

        stops.append(stop)
        return server

    yield serve
    for stop in stops:
        stop()
