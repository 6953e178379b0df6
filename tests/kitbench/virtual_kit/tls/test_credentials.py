"""What a firmware hands over, however broken, ends in one error with esp-tls's code."""

import base64
import contextlib
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import example, given, settings
from hypothesis import strategies as st

from kitbench.virtual_kit.tls.credentials import (
    ClientIdentity,
    MaximumVersion,
    ServerChecks,
    Terms,
    as_mbedtls_takes,
    parse_certificates,
    parse_private_key,
)
from kitbench.virtual_kit.tls.embedded_key import make_context
from kitbench.virtual_kit.tls.error import TlsError
from tests.kitbench.virtual_kit.tls.tls_servers import make_authority

_AUTHORITY = make_authority()
_KIT = _AUTHORITY.issue("kit")
_DER = _KIT.certificate.public_bytes(Encoding.DER)
_KEY_DER = _KIT.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def armoured(der: bytes, label: str) -> bytes:
    """Return DER as PEM."""
    return f"-----BEGIN {label}-----\n{base64.encodebytes(der).decode()}-----END {label}-----\n".encode()


def flipped(der: bytes, changes: list[tuple[int, int]]) -> bytes:
    """Return DER with some bytes replaced."""
    changed = bytearray(der)
    for position, value in changes:
        changed[position % len(changed)] = value
    return bytes(changed)


CHANGES = st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), min_size=1, max_size=3)


class TestCertificates:
    def test_all_of_a_bundle(self) -> None:
        pem = _KIT.pem + b"a comment\n" + _AUTHORITY.pem + b"\0"

        assert parse_certificates(pem, what="x") == (_KIT.certificate, _AUTHORITY.certificate)

    def test_too_many(self) -> None:
        with pytest.raises(TlsError, match="0x8015"):
            parse_certificates(_KIT.pem * 65, what="x")

    @settings(max_examples=300, deadline=None)
    @given(CHANGES)
    @example([(131, 0)])  # an unknown curve surfaced as UnsupportedAlgorithm
    def test_changed_certificate_is_used_or_refused(self, changes: list[tuple[int, int]]) -> None:
        pem, key = armoured(flipped(_DER, changes), "CERTIFICATE"), parse_private_key(_KIT.key_pem)
        with contextlib.suppress(TlsError):
            chain = parse_certificates(pem, what="x")
            identity = ClientIdentity(chain, key)
            terms = Terms(ServerChecks(chain, "localhost"), (), MaximumVersion.TLS_1_2)
            make_context(terms, identity if identity.is_pair else None)

    @given(st.binary(max_size=200))
    def test_noise(self, noise: bytes) -> None:
        with pytest.raises(TlsError):
            parse_certificates(noise, what="x")


class TestPrivateKey:
    @pytest.mark.parametrize(
        "make",
        [
            lambda: rsa.generate_private_key(65537, 2048),
            lambda: ec.generate_private_key(ec.SECP256R1()),
            lambda: ec.generate_private_key(ec.SECP384R1()),
        ],
    )
    @pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
    def test_kinds_that_mbedtls_takes(
        self, make: Callable[[], rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey], form: PrivateFormat
    ) -> None:
        pem = make().private_bytes(Encoding.PEM, form, NoEncryption())

        assert parse_private_key(pem + b"\0").pem.startswith(b"-----BEGIN PRIVATE KEY")

    @pytest.mark.parametrize("make", [ed25519.Ed25519PrivateKey.generate, lambda: dsa.generate_private_key(1024)])
    def test_kinds_that_it_does_not(self, make: Callable[[], ed25519.Ed25519PrivateKey | dsa.DSAPrivateKey]) -> None:
        pem = make().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())

        with pytest.raises(TlsError, match="0x8019"):
            parse_private_key(pem)

    def test_key_is_in_no_text(self) -> None:
        identity = ClientIdentity((_KIT.certificate,), parse_private_key(_KIT.key_pem))

        assert "PRIVATE" not in repr(identity) + repr(identity.key)

    @settings(max_examples=300, deadline=None)
    @given(CHANGES)
    def test_changed_key_is_used_or_refused(self, changes: list[tuple[int, int]]) -> None:
        with contextlib.suppress(TlsError):
            parse_private_key(armoured(flipped(_KEY_DER, changes), "PRIVATE KEY"))

    @given(st.binary(max_size=200))
    def test_noise(self, noise: bytes) -> None:
        with pytest.raises(TlsError):
            parse_private_key(noise)


class TestAsMbedtlsTakes:
    """Seen in QEMU: a CA buffer whose length leaves the NUL out gives -0x2180."""

    def test_pem_needs_its_closing_nul(self) -> None:
        assert as_mbedtls_takes(_KIT.pem + b"\0") == _KIT.pem + b"\0"
        assert as_mbedtls_takes(_KIT.pem) == b""

    def test_der_needs_none(self) -> None:
        der = _KIT.certificate.public_bytes(Encoding.DER)

        assert parse_certificates(as_mbedtls_takes(der), what="x") == (_KIT.certificate,)

    def test_what_follows_the_nul_is_not_read(self) -> None:
        buffer = _KIT.pem + b"\0" + _AUTHORITY.pem + b"\0"

        assert parse_certificates(buffer, what="x") == (_KIT.certificate,)

    @pytest.mark.parametrize(("pem", "code"), [(b"", 0x3D00), (b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n\0", 0x3C00)])
    def test_bad_key_has_mbedtlss_code_behind_esp_tlss(self, pem: bytes, code: int) -> None:
        with pytest.raises(TlsError) as caught:
            parse_private_key(pem)

        assert caught.value.stack_code == code
