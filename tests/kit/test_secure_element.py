"""The ATECC608A keeps the key: it is nowhere in flash, and yet the kit proves that it has it."""

import hashlib
import secrets

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kitbench import KitDeedError, RunningKit, Thing, Verdict, VerdictOutcome

pytestmark = [pytest.mark.hardware, pytest.mark.criterion("secure_element"), pytest.mark.variants("atecc608a")]


def test_certificate_belongs_to_the_key_in_the_chip(provisioning_kit: RunningKit, thing: Thing) -> None:
    """The public key of the kit's certificate is the one that the chip computes from its private key."""
    assert public_point(thing) == provisioning_kit.console.public_key()


def test_chip_proves_possession_of_the_key(provisioning_kit: RunningKit, thing: Thing) -> None:
    """The chip signs two nonces of the bench; both signatures verify with the certificate's key, and they differ."""
    console = provisioning_kit.console
    serial = bytes.fromhex(console.info().serial)

    signatures = [signed(console.sign("kitbench", nonce), nonce, serial, thing) for nonce in (fresh(), fresh())]

    assert signatures[0] != signatures[1]


def test_private_key_is_nowhere_in_flash(verdict: Verdict) -> None:
    """No window of the dump is the private key of the kit's certificate; a planted canary is found by the same scan."""
    if verdict.outcome is VerdictOutcome.FOUND:
        raise KitDeedError(f"a private key in the kit's flash after its run: {verdict.reason}", stage="dump")
    assert verdict.outcome is VerdictOutcome.ABSENT, f"in the kit's flash after its run: {verdict.reason}"


def fresh() -> bytes:
    """Return a nonce."""
    return secrets.token_bytes(32)


def public_point(thing: Thing) -> bytes:
    """Return X‖Y of the certificate's key."""
    return thing.certificate.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]


def signed(signature: bytes, nonce: bytes, serial: bytes, thing: Thing) -> bytes:
    """Return the signature after verifying it; one that does not verify is the kit's fault, not the bench's."""
    key = thing.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    digest = hashlib.sha256(b"kitbench" + nonce + serial).digest()
    try:
        key.verify(utils.encode_dss_signature(r, s), digest, ec.ECDSA(utils.Prehashed(hashes.SHA256())))
    except InvalidSignature as error:
        raise AssertionError("the chip's signature does not verify with the certificate's key") from error
    return signature
