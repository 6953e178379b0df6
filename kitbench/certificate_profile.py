"""What every certificate of the bench's own authorities has in common: it passes the strictest clients there are.

Python 3.13's VERIFY_X509_STRICT asks for key identifiers, key usage and critical basic constraints (RFC 5280, 4.2.1);
mbedTLS before 3.5 reads no IP addresses among the subject's alternative names.
"""

import ipaddress
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa

PublicKey: TypeAlias = rsa.RSAPublicKey | ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey | ed448.Ed448PublicKey


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a key, or will have."""

    name: x509.Name
    key: PublicKey


def certificate_builder(
    subject: Holder,
    issuer: Holder,
    *,
    period: tuple[datetime, datetime],
    is_authority: bool = False,
) -> x509.CertificateBuilder:
    """Return a certificate that lacks what it is for, and its signature.

    Args:
        subject: whose it is.
        issuer: who will sign it.
        period: the first and the last moment, aware of their time zone.
        is_authority: it signs others, and those sign none.
    """
    return (
        x509.CertificateBuilder()
        .subject_name(subject.name)
        .issuer_name(issuer.name)
        .public_key(subject.key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(period[0])
        .not_valid_after(period[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(subject.key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key), critical=False)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=0 if is_authority else None), critical=True)
        .add_extension(_key_usage(signs_certificates=is_authority), critical=True)
    )


def alternative_names(hosts: Iterable[str]) -> x509.SubjectAlternativeName:
    """Return the names and addresses of a server; an address is given as a DNS name, too."""
    names: list[x509.GeneralName] = []
    for host in hosts:
        names.append(x509.DNSName(host))
        with suppress(ValueError):
            names.append(x509.IPAddress(ipaddress.ip_address(host)))
    return x509.SubjectAlternativeName(names)


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
