"""mbedTLS's rules about server certificates, without a network."""

import ipaddress
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from kitbench.virtual_kit.tls.credentials import ServerChecks
from kitbench.virtual_kit.tls.error import MbedtlsError, TlsError, VerifyFlag
from kitbench.virtual_kit.tls.server_trust import matches_name, verify_server
from tests.kitbench.virtual_kit.tls.tls_servers import Authority, Issued, describe, make_authority


def flags(
    *chain: Issued, trusted: Issued, name: str | None = "broker.example.org", clock: datetime | None = None
) -> VerifyFlag:
    """Return what is wrong with a server's chain."""
    checks = ServerChecks((trusted.certificate,), name, clock)
    try:
        verify_server([one.certificate for one in chain], checks)
    except TlsError as error:
        return error.verify_flags if error.code == MbedtlsError.X509_CERT_VERIFY_FAILED else ~VerifyFlag(0)
    return VerifyFlag(0)


@pytest.fixture(name="leaf")
def _leaf(authority: Authority) -> Issued:
    return authority.issue("broker", names=["broker.example.org"], usage=ExtendedKeyUsageOID.SERVER_AUTH)


class TestVerifyServer:
    def test_good_server(self, authority: Authority, leaf: Issued) -> None:
        assert flags(leaf, trusted=authority, clock=datetime.now(UTC)) == 0

    def test_every_fault_is_told(self, authority: Authority) -> None:
        bad = authority.issue("b", names=["b"], usage=ExtendedKeyUsageOID.CLIENT_AUTH, days=(-2, -1))

        assert flags(bad, trusted=make_authority("other"), clock=datetime.now(UTC)) == (
            VerifyFlag.NOT_TRUSTED | VerifyFlag.CN_MISMATCH | VerifyFlag.EXT_KEY_USAGE | VerifyFlag.EXPIRED
        )

    def test_intermediate_needs_its_issuer_only(self, authority: Authority) -> None:
        middle = authority.issue("middle", is_authority=True)
        leaf = Authority(middle.certificate, middle.key).issue("b", names=["broker.example.org"])

        assert flags(leaf, middle, trusted=authority) == 0
        assert flags(leaf, trusted=middle) == 0
        assert flags(leaf, trusted=authority) == VerifyFlag.NOT_TRUSTED

    def test_unrelated_certificates_in_the_chain_do_no_harm(self, authority: Authority, leaf: Issued) -> None:
        assert flags(leaf, *(make_authority(f"n{i}") for i in range(20)), trusted=authority) == 0

    def test_same_name_other_key(self, leaf: Issued) -> None:
        assert flags(leaf, trusted=make_authority("test root")) == VerifyFlag.NOT_TRUSTED

    @pytest.mark.parametrize("signs", [True, False])
    def test_key_usage_of_the_issuer(self, authority: Authority, signs: bool) -> None:  # noqa: FBT001 - parametrised
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=False, key_encipherment=False, data_encipherment=False,
            key_agreement=False, key_cert_sign=signs, crl_sign=signs, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = describe("middle", authority.certificate.subject, key.public_key(), (-1, 1))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        middle = Authority(builder.add_extension(usage, critical=True).sign(authority.key, hashes.SHA256()), key)

        assert bool(flags(middle.issue("b", names=["broker.example.org"]), middle, trusted=authority)) is not signs

    def test_key_usage_of_the_server(self, authority: Authority) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        usage = x509.KeyUsage(
            digital_signature=False, content_commitment=False, key_encipherment=True, data_encipherment=False,
            key_agreement=False, key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        builder = describe("broker.example.org", authority.certificate.subject, key.public_key(), (-1, 1))
        leaf = Issued(builder.add_extension(usage, critical=True).sign(authority.key, hashes.SHA256()), key)

        assert flags(leaf, trusted=authority) == VerifyFlag.KEY_USAGE


class TestMatchesName:
    @pytest.mark.parametrize(
        ("pattern", "name", "expected"),
        [
            ("a.example.org", "a.example.org", True),
            ("A.Example.org", "a.example.ORG", True),
            ("*.example.org", "a.example.org", True),
            ("*.example.org", "b.a.example.org", False),
            ("*.example.org", "example.org", False),
            ("*.org", "example.org", True),
            ("a*.example.org", "ab.example.org", False),
            ("*", "localhost", False),
            ("localhost", "localhost.", False),
        ],
    )
    def test_patterns(self, authority: Authority, pattern: str, name: str, expected: bool) -> None:  # noqa: FBT001 - parametrised
        assert matches_name(authority.issue("x", names=[pattern]).certificate, name) is expected

    def test_common_name_counts_only_without_alternatives(self, authority: Authority) -> None:
        assert matches_name(authority.issue("localhost").certificate, "localhost")
        assert not matches_name(authority.issue("localhost", names=["other"]).certificate, "localhost")

    def test_address(self, authority: Authority) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        address = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        builder = describe("x", authority.certificate.subject, key.public_key(), (-1, 1))
        certificate = builder.add_extension(address, critical=False).sign(authority.key, hashes.SHA256())

        assert matches_name(certificate, "127.0.0.1")
        assert not matches_name(certificate, "127.0.0.2")
