"""Targets: fingerprints, limits, and pairs proven by signature."""

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from kitbench.forensics.target import MAX_TARGETS, TargetSet, fingerprint, is_pair
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
