"""Amazon Root CA 1 comes from certifi and is pinned."""

from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kitbench.cloud.root_ca import AMAZON_ROOT_CA_1_SHA256, amazon_root_ca_1
from kitbench.errors import BenchError


def test_certifi_holds_it() -> None:
    certificate = x509.load_pem_x509_certificate(amazon_root_ca_1())

    assert certificate.subject.rfc4514_string() == "CN=Amazon Root CA 1,O=Amazon,C=US"
    assert sha256(certificate.public_bytes(Encoding.DER)).hexdigest() == AMAZON_ROOT_CA_1_SHA256


def test_bundle_without_it_is_refused(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text("no certificate")

    with pytest.raises(BenchError, match="does not hold Amazon Root CA 1"):
        amazon_root_ca_1(bundle)


def test_missing_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"missing\.pem"):
        amazon_root_ca_1(tmp_path / "missing.pem")
