"""Chains made of these certificates pass a strict judge; one that is wrong in one thing does not."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from kitbench.certificate_profile import Holder, alternative_names, certificate_builder

NOW = datetime.now(UTC).replace(microsecond=0)
DAY = timedelta(days=1)


def name_of(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def verify(host: str, *, is_authority: bool = True, ends: datetime = NOW + DAY, asked: str = "kit.example") -> None:
    """Have `cryptography` verify a server's chain, as strict as RFC 5280 and the CA/B Forum are."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    signer = Holder(name_of("root"), root_key.public_key())
    builder = certificate_builder(signer, signer, period=(NOW - DAY, NOW + DAY), is_authority=is_authority)
    root = builder.sign(root_key, hashes.SHA256())
    leaf = certificate_builder(Holder(name_of(host), key.public_key()), signer, period=(NOW - 3 * DAY, ends))
    leaf = leaf.add_extension(alternative_names([host]), critical=False)
    leaf = leaf.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    judge = PolicyBuilder().store(Store([root])).build_server_verifier(x509.DNSName(asked))
    judge.verify(leaf.sign(root_key, hashes.SHA256()), [])


def test_chain_is_verified() -> None:
    verify("kit.example")


def test_name_of_another_server_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify("kit.example", asked="other.example")


def test_certificate_that_has_ended_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify("kit.example", ends=NOW - 2 * DAY)


def test_signer_that_is_no_authority_is_refused() -> None:
    with pytest.raises(VerificationError):
        verify("kit.example", is_authority=False)


def test_address_is_a_name_too() -> None:
    names = alternative_names(["localhost", "127.0.0.1"])

    assert names.get_values_for_type(x509.DNSName) == ["localhost", "127.0.0.1"]
    assert [str(address) for address in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1"]
