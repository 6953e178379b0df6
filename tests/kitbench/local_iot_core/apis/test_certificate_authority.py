"""The local CA's certificates, judged by cryptography's verifier and by the rules that clients trip over."""

import ipaddress

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from kitbench.local_iot_core.apis.certificate_authority import CertificateAuthority, certificate_id

NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kit")])
AUTHORITY = CertificateAuthority()


def server_certificate(*hosts: str) -> x509.Certificate:
    chain, _ = AUTHORITY.issue_server_certificate(hosts)
    return x509.load_pem_x509_certificates(chain)[0]


def test_server_certificate_verifies_for_its_names() -> None:
    certificate = server_certificate("localhost", "127.0.0.1")
    builder = PolicyBuilder().store(Store([AUTHORITY.certificate]))

    assert builder.build_server_verifier(x509.DNSName("localhost")).verify(certificate, [])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    assert builder.build_server_verifier(address).verify(certificate, [])
    with pytest.raises(VerificationError):
        builder.build_server_verifier(x509.DNSName("example.com")).verify(certificate, [])


def test_address_is_also_a_dns_name() -> None:
    names = server_certificate("192.0.2.1").extensions.get_extension_for_class(x509.SubjectAlternativeName).value

    assert names.get_values_for_type(x509.DNSName) == ["192.0.2.1"]


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP256R1()), rsa.generate_private_key(65537, 2048)])
def test_device_certificate_verifies_for_a_client(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    certificate = AUTHORITY.issue_device_certificate(NAME, key.public_key())

    certificate.verify_directly_issued_by(AUTHORITY.certificate)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert x509.oid.ExtendedKeyUsageOID.CLIENT_AUTH in usage
    assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_root_has_what_strict_clients_ask_for() -> None:
    extensions = AUTHORITY.certificate.extensions

    assert extensions.get_extension_for_class(x509.BasicConstraints).critical
    assert extensions.get_extension_for_class(x509.KeyUsage).value.key_cert_sign
    assert extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    assert extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)


def test_two_authorities_are_told_apart() -> None:
    assert CertificateAuthority().certificate.subject != AUTHORITY.certificate.subject


def test_certificate_id_is_64_hex_digits() -> None:
    identifier = certificate_id(AUTHORITY.certificate)

    assert len(identifier) == 64
    assert int(identifier, 16)
