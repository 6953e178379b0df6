"""The local root CA: it signs the message broker's certificate and, in AWS's place, the devices'."""

import datetime as dt
import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kitbench.certificate_profile import Holder, PublicKey, alternative_names, certificate_builder

#: Kits without a clock believe in 1970 or in their build date; certificates begin well before now.
BACKDATED: Final = dt.timedelta(days=7)
#: AWS's own client certificates end with the year 2049.
#: Source: AWS IoT Core developer guide, "Create AWS IoT client certificates".
DEVICE_CERTIFICATE_END: Final = dt.datetime(2049, 12, 31, 23, 59, 59, tzinfo=dt.UTC)
_SERVER_LIFETIME: Final = dt.timedelta(days=365)
_ORGANIZATION: Final = "kitbench local IoT core"


class CertificateAuthority:
    """A CA made at start, in memory: its key is written where the core's user wants it kept, and nowhere else."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, _ORGANIZATION),
                x509.NameAttribute(NameOID.COMMON_NAME, f"local root CA {x509.random_serial_number() % 16**8:08x}"),
            ]
        )
        self._holder = Holder(name, self._key.public_key())
        period = (_now() - BACKDATED, _now() + 10 * _SERVER_LIFETIME)
        builder = certificate_builder(self._holder, self._holder, period=period, is_authority=True)
        self.certificate = builder.sign(self._key, hashes.SHA256())

    @classmethod
    def kept(cls, certificate_pem: bytes, private_key_pem: bytes) -> Self:
        """Return the CA of a certificate and its key.

        Raises:
            ValueError: they are no CA's, or do not belong together.
        """
        key = serialization.load_pem_private_key(private_key_pem, None)
        certificate = x509.load_pem_x509_certificate(certificate_pem)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or certificate.public_key() != key.public_key():
            raise ValueError("certificate and private key do not belong together")
        authority = cls.__new__(cls)
        authority._key, authority.certificate = key, certificate  # noqa: SLF001 - its own
        authority._holder = Holder(certificate.subject, key.public_key())  # noqa: SLF001 - its own
        return authority

    def private_key_pem(self) -> bytes:
        """Return the CA's private key, for whoever keeps it."""
        encoding, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
        return self._key.private_bytes(encoding, form, serialization.NoEncryption())

    @property
    def certificate_pem(self) -> bytes:
        """The root certificate, which clients trust."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def issue_device_certificate(self, subject: x509.Name, public_key: PublicKey) -> x509.Certificate:
        """Return a client certificate for a device's key."""
        builder = self._leaf(subject, public_key, DEVICE_CERTIFICATE_END)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        return builder.add_extension(usage, critical=False).sign(self._key, hashes.SHA256())

    def issue_server_certificate(
        self,
        hosts: Iterable[str],
        *,
        period: tuple[dt.timedelta, dt.timedelta] = (-BACKDATED, _SERVER_LIFETIME),
        rsa_bits: int = 0,
    ) -> tuple[bytes, bytes]:
        """Return chain and private key, both PEM, of a server.

        Args:
            hosts: names and addresses that it answers to.
            period: from when until when it is good, from now.
            rsa_bits: of an RSA key; 0 for an elliptic curve's, P-256.
        """
        key = _rsa_key(rsa_bits) if rsa_bits else ec.generate_private_key(ec.SECP256R1())
        names = list(dict.fromkeys(hosts))
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0][:64])])
        now = _now()
        dates = (now + period[0], now + period[1])
        builder = certificate_builder(Holder(subject, key.public_key()), self._holder, period=dates)
        builder = builder.add_extension(alternative_names(names), critical=False)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
        certificate = builder.add_extension(usage, critical=False).sign(self._key, hashes.SHA256())
        key_pem = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return certificate.public_bytes(serialization.Encoding.PEM) + self.certificate_pem, key_pem

    def _leaf(self, subject: x509.Name, key: PublicKey, ends: dt.datetime) -> x509.CertificateBuilder:
        return certificate_builder(Holder(subject, key), self._holder, period=(_now() - BACKDATED, ends))


def _rsa_key(bits: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def write_certificate(path: Path, certificate_pem: bytes) -> Path:
    """Write a certificate where clients find it; return the path."""
    path.write_bytes(certificate_pem)
    return path


def certificate_id(certificate: x509.Certificate) -> str:
    """Return AWS's id of a certificate: SHA-256 of the DER in lower-case hex."""
    return hashlib.sha256(certificate.public_bytes(serialization.Encoding.DER)).hexdigest()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
