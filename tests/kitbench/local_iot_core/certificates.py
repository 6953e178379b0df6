"""Throw-away keys and certificates of TLS clients."""

import datetime as dt
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


def key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    """Return the key as unencrypted PEM."""
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def self_signed(name: str, *, expired: bool = False) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """Return a certificate that only its own key vouches for."""
    key, now = ec.generate_private_key(ec.SECP256R1()), dt.datetime.now(dt.UTC)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=2))
        .not_valid_after(now + dt.timedelta(days=-1 if expired else 1))
    )
    return builder.sign(key, hashes.SHA256()), key


def write_pair(folder: Path, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Path:
    """Write certificate and key into one file, as `load_cert_chain` reads it."""
    path = folder / "pair.pem"
    path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + key_pem(key))
    return path
