"""Certificates that a kit must refuse, and one that it must accept, from an authority made for one test."""

import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kitbench.certificate_profile import Holder, alternative_names, certificate_builder

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
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kitbench test authority")])
        self._holder = Holder(name, self._key.public_key())
        begins = datetime.now(UTC) - _DAY
        builder = certificate_builder(
            self._holder, self._holder, period=(begins, begins + 30 * _DAY), is_authority=True
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
        first = datetime.now(UTC) + begins
        return self._chain((host, *others), key, self._holder, self._key, (first, first + lasts))

    def issue_self_signed(self, host: str, *others: str) -> Chain:
        """Return a certificate for a server that its own key vouches for."""
        key = ec.generate_private_key(ec.SECP256R1())
        itself = Holder(_name(host), key.public_key())
        begins = datetime.now(UTC) - _DAY
        return self._chain((host, *others), key, itself, key, (begins, begins + 8 * _DAY))

    def _chain(
        self,
        hosts: tuple[str, ...],
        key: ec.EllipticCurvePrivateKey,
        issuer: Holder,
        issuer_key: ec.EllipticCurvePrivateKey,
        period: tuple[datetime, datetime],
    ) -> Chain:
        builder = certificate_builder(Holder(_name(hosts[0]), key.public_key()), issuer, period=period)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
        builder = builder.add_extension(alternative_names(hosts), critical=False)
        certificate = builder.add_extension(usage, critical=False).sign(issuer_key, hashes.SHA256())
        path = self._folder / f"{certificate.serial_number:x}.pem"
        path.touch(mode=0o600)
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        return Chain(path)


def _name(host: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host[:64])])
