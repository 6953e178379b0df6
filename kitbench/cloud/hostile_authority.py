"""Certificates that a kit must refuse, and one that it must accept, from an authority made for one test."""

import ipaddress
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Chain:
    """What a TLS server presents, as one PEM file of key and certificate; the file is gone with its folder."""

    pem_file: Path


class HostileAuthority:
    """A certificate authority on P-256 whose certificates satisfy strict verification (RFC 5280).

    Args:
        folder: private, for the servers' keys; by default a new one below the system's.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or Path(tempfile.mkdtemp(prefix="kitbench-hostile-"))
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kitbench test authority")])
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        builder = (
            _builder(self._name, self._name, self._key.public_key(), datetime.now(UTC) - _DAY, 30 * _DAY)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(_key_usage(signs_certificates=True), critical=True)
        )
        self._certificate = builder.sign(self._key, hashes.SHA256())

    @property
    def ca_pem(self) -> bytes:
        """The root that a firmware under test is built with."""
        return self._certificate.public_bytes(Encoding.PEM)

    def issue(self, host: str, *others: str, begins: timedelta = -_DAY, lasts: timedelta = 8 * _DAY) -> Chain:
        """Return a certificate for a server, or for a client that a test plays.

        Args:
            host: its DNS name.
            others: further names and addresses.
            begins: from now.
            lasts: from then.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key())
        certificate = (
            _builder(self._name, name, key.public_key(), datetime.now(UTC) + begins, lasts)
            .add_extension(x509.SubjectAlternativeName(_alternative_names((host, *others))), critical=False)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]),
                critical=False,
            )
            .add_extension(_key_usage(signs_certificates=False), critical=True)
            .add_extension(identifier, critical=False)
            .add_extension(authority, critical=False)
            .sign(self._key, hashes.SHA256())
        )
        path = self._folder / f"{certificate.serial_number:x}.pem"
        path.touch(mode=0o600)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        return Chain(path)


def _alternative_names(hosts: Iterable[str]) -> list[x509.GeneralName]:
    """Return the names; an address is given as a DNS name, too, which is all that mbedTLS reads before 3.5."""
    names: list[x509.GeneralName] = []
    for host in hosts:
        names.append(x509.DNSName(host))
        with suppress(ValueError):
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
    return names


def _builder(
    issuer: x509.Name, subject: x509.Name, public_key: ec.EllipticCurvePublicKey, begins: datetime, lasts: timedelta
) -> x509.CertificateBuilder:
    return x509.CertificateBuilder(
        issuer_name=issuer,
        subject_name=subject,
        public_key=public_key,
        serial_number=x509.random_serial_number(),
        not_valid_before=begins,
        not_valid_after=begins + lasts,
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
