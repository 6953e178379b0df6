"""Targets: fingerprints, limits, and pairs proven by signature."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from kitbench.forensics.keys.target import (
    _MAX_TARGET_BYTES,
    MAX_TARGETS,
    Target,
    TargetSet,
    fingerprint,
    is_pair,
    needles,
)
from tests.kitbench.forensics.flash_sample import ec_key, rsa_key


def test_pairs_sign_for_each_other_and_strangers_do_not() -> None:
    assert is_pair(ec_key(), ec_key().public_key())
    assert is_pair(rsa_key(), rsa_key().public_key())
    assert not is_pair(ec.generate_private_key(ec.SECP256R1()), ec_key().public_key())
    assert not is_pair(rsa_key(), ec_key().public_key())


def test_add_takes_each_key_once_and_first_source() -> None:
    targets = TargetSet()
    targets.add(ec_key().public_key(), "given")
    targets.add(ec_key().public_key(), "certificate in dump")

    assert [(target.source, target.to_json()["public_key_sha256"]) for target in targets.targets] == [
        ("given", fingerprint(ec_key().public_key()))
    ]


def test_add_counts_what_it_leaves_out() -> None:
    targets = TargetSet()
    for _ in range(MAX_TARGETS + 2):
        targets.add(ec.generate_private_key(ec.SECP256R1()).public_key(), "point in dump")
    targets.add(ed25519.Ed25519PrivateKey.generate().public_key(), "certificate in dump")
    targets.add(rsa.generate_private_key(65537, 1024).public_key(), "certificate in dump")

    assert (len(targets.targets), targets.left_out) == (MAX_TARGETS, 4)


@pytest.mark.parametrize(("room", "left_out"), [(3, 0), (2, 1), (1, 2)])
def test_fit_leaves_out_what_the_dump_brought_and_says_so(room: int, left_out: int) -> None:
    targets = TargetSet()
    for _ in range(3):
        targets.add(ec.generate_private_key(ec.SECP256R1()).public_key(), "point in dump")

    targets.fit(_MAX_TARGET_BYTES // room)

    assert (len(targets.targets), targets.left_out) == (room, left_out)


def test_fit_keeps_what_was_given() -> None:
    targets = TargetSet()
    given = [ec.generate_private_key(ec.SECP256R1()).public_key() for _ in range(3)]
    targets.add(ec_key().public_key(), "point in dump")
    for key in given:
        targets.add(key, "given")

    targets.fit(_MAX_TARGET_BYTES)

    assert [target.key for target in targets.targets] == given
    assert targets.left_out == 1


def test_targets_are_told_apart_by_type_and_size() -> None:
    targets = TargetSet()
    p384 = ec.generate_private_key(ec.SECP384R1()).public_key()
    for key in (ec_key().public_key(), p384, rsa_key().public_key()):
        targets.add(key, "given")

    assert targets.of_curve("secp256r1") == [ec_key().public_key()]
    assert targets.of_curve("secp384r1") == [p384]
    assert targets.of_rsa(2048) == [rsa_key().public_key()]
    assert targets.of_rsa(3072) == []


def test_needles_stand_in_the_keys_der() -> None:
    keys: tuple[ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, ...] = (ec_key(), rsa_key())

    found = needles([Target(key.public_key(), "given") for key in keys])

    assert len(found) == 2
    for key, needle in zip(keys, found, strict=True):
        der = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        assert len(needle) >= 20
        assert needle in der
