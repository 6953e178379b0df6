"""Structures that hold keys, and the labels that only look like them."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.forensics.canaries import disguise
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.work_budget import WorkBudget
from kitbench.forensics.keys import key_formats
from kitbench.forensics.keys.key_formats import PrivateKey
from kitbench.forensics.keys.target import fingerprint
from tests.kitbench.forensics.flash_sample import MBEDTLS_LABELS, certificate_of, ec_key, pem_of, rsa_key


def found_in(data: bytes) -> list[key_formats.FoundKey]:
    return list(key_formats.private_keys(Layer(data), WorkBudget(len(data))))


@pytest.mark.parametrize("key", [ec_key(), rsa_key()], ids=["ec", "rsa"])
@pytest.mark.parametrize(
    "form", ["pem", "pem_pkcs8", "pem_crlf", "pem_json", "pem_c_string", "pem_nul", "der", "der_pkcs8"]
)
def test_private_keys_finds_form(key: PrivateKey, form: str) -> None:
    data = b"\x00before" + disguise.disguises(key)[form] + b"behind\x00"

    found = found_in(data)

    assert {fingerprint(one.key.public_key()) for one in found if one.key} == {fingerprint(key.public_key())}


def test_labels_of_mbedtls_are_no_keys() -> None:
    assert found_in(MBEDTLS_LABELS * 3) == []


def test_labels_before_a_key_do_not_hide_it() -> None:
    assert len(found_in(MBEDTLS_LABELS + disguise.pem(ec_key()) + MBEDTLS_LABELS)) == 1


def test_label_with_garbage_body_is_no_key() -> None:
    body = b"A" * 200

    assert found_in(b"-----BEGIN PRIVATE KEY-----\n" + body + b"\n-----END PRIVATE KEY-----\n") == []


def test_pem_with_a_hole_is_an_unreadable_key() -> None:
    pem = disguise.pem(ec_key())

    assert [(one.form, one.key) for one in found_in(pem[:60] + b"\xff" * 64 + pem[124:])] == [("pem_unreadable", None)]


@pytest.mark.parametrize("is_wiped", [True, False])
def test_pem_that_was_overwritten_from_its_first_digit_is_no_key(*, is_wiped: bool) -> None:
    pem = disguise.pem(ec_key())
    begin, end = pem.index(b"\n"), pem.rindex(b"\n-----END")

    assert bool(found_in(pem[:begin] + b"\xff" * (end - begin) + pem[end:] if is_wiped else pem)) is not is_wiped


def test_key_under_password_is_told_apart() -> None:
    pem = ec_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))

    assert [(one.form, one.key) for one in found_in(pem)] == [("pem_encrypted", None)]


def test_other_containers_of_keys_are_told() -> None:
    encrypted = ec_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    archive = pkcs12.serialize_key_and_certificates(
        b"kit", ec_key(), certificate_of(ec_key()), None, BestAvailableEncryption(b"secret")
    )

    assert [(one.form, one.begin, one.end, one.key) for one in found_in(b"--" + encrypted + b"--")] == [
        ("der_encrypted", 2, 2 + len(encrypted), None)
    ]
    assert ("pkcs12", 2, 2 + len(archive), None) in [
        (one.form, one.begin, one.end, one.key) for one in found_in(b"--" + archive + b"--")
    ]


def test_key_of_openssh_is_read() -> None:
    pem = ec_key().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    damaged = pem.replace(b"b3BlbnNza", b"c3BlbnNza")

    (found,) = found_in(pem)
    assert found.key is not None
    assert found.key.public_key() == ec_key().public_key()
    assert [(one.form, one.key) for one in found_in(damaged)] == [("pem_unreadable", None)]


def test_certificates_finds_pem_and_der() -> None:
    certificate = certificate_of(ec_key())
    data = b"\x30\x82" + pem_of(certificate) + b"\x00" + certificate.public_bytes(Encoding.DER) + b"\x30"

    found = list(key_formats.certificates(Layer(data), WorkBudget(len(data))))

    assert [one.certificate for one in found] == [certificate, certificate]


def test_public_points_finds_the_device_key_and_not_the_generator() -> None:
    point = ec_key().public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    generator = ec.derive_private_key(1, ec.SECP256R1()).public_key()
    numbers = generator.public_numbers()
    data = b"\x04\x04" + point + b"\x04" + numbers.x.to_bytes(32) + numbers.y.to_bytes(32)

    found = list(key_formats.public_points(Layer(data), WorkBudget(len(data))))

    own = ec_key().public_key().public_numbers()
    assert found == [(own.x, own.y)]


def test_point_at_the_very_end_is_found() -> None:
    own = ec_key().public_key().public_numbers()
    data = b"\x04" + own.x.to_bytes(32) + own.y.to_bytes(32)

    assert list(key_formats.public_points(Layer(data), WorkBudget(len(data)))) == [(own.x, own.y)]


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_readers_never_raise(data: bytes) -> None:
    layer = Layer(data)

    list(key_formats.private_keys(layer, WorkBudget(len(data))))
    list(key_formats.certificates(layer, WorkBudget(len(data))))
    list(key_formats.public_points(layer, WorkBudget(len(data))))


@settings(deadline=None)
@given(st.data())
def test_damaged_key_never_raises(data: st.DataObject) -> None:
    der = bytearray(disguise.der(rsa_key()))
    for _ in range(data.draw(st.integers(1, 5))):
        der[data.draw(st.integers(0, len(der) - 1))] = data.draw(st.integers(0, 255))

    found_in(bytes(der))
