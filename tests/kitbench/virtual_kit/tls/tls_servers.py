"""Certificates made at run time, and TLS servers on loopback that use them."""

import datetime as dt
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

NOW = dt.datetime.now(dt.UTC)
DAY = dt.timedelta(days=1)
Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: Any = field(repr=False)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        return bytes(
            self.key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
            )
        )


@dataclass(frozen=True)
class Authority(Issued):
    """A certificate authority."""

    def issue(
        self,
        name: str,
        *,
        names: Sequence[str] = (),
        key: Any = None,
        public_key: Any = None,
        days: tuple[int, int] = (-1, 1),
        usage: x509.ObjectIdentifier | None = None,
        is_authority: bool = False,
    ) -> Issued:
        key = key or ec.generate_private_key(ec.SECP256R1())
        builder = describe(name, self.certificate.subject, public_key or key.public_key(), days)
        builder = builder.add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        if names:
            alternatives = x509.SubjectAlternativeName([x509.DNSName(one) for one in names])
            builder = builder.add_extension(alternatives, critical=False)
        if usage:
            builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        return Issued(builder.sign(self.key, hashes.SHA256()), key)


def describe(name: str, issuer: x509.Name | None, public_key: Any, days: tuple[int, int]) -> x509.CertificateBuilder:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer or subject)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW + days[0] * DAY)
        .not_valid_after(NOW + days[1] * DAY)
    )


def make_authority(name: str = "test root") -> Authority:
    """Return a root of its own."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = describe(name, None, key.public_key(), (-2, 2))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    return Authority(builder.sign(key, hashes.SHA256()), key)


@dataclass
class Server:
    """A TLS server that echoes, and what it saw."""

    port: int = 0
    peers: list[bytes | None] = field(default_factory=list)
    versions: list[str | None] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    @property
    def endpoint(self) -> tuple[tuple[str, int], ...]:
        return (("localhost", self.port),)


def server_context(issued: Issued, folder: Path, clients: Issued, *, needs_client: bool) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (folder / "server.pem").write_bytes(issued.pem + issued.key_pem)
    context.load_cert_chain(folder / "server.pem")
    if needs_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=clients.pem.decode())
    return context


def accept(listener: socket.socket, context: ssl.SSLContext, server: Server) -> None:
    while True:
        try:
            link, _ = listener.accept()
        except OSError:
            return
        link.settimeout(10)
        try:
            with context.wrap_socket(link, server_side=True) as tls:
                server.peers.append(tls.getpeercert(binary_form=True))
                server.versions.append(tls.version())
                _echo(tls)
        except OSError as error:
            server.refusals.append(str(error))
        finally:
            link.close()


def _echo(tls: ssl.SSLSocket) -> None:
    while data := tls.recv(65536):
        tls.sendall(data)
