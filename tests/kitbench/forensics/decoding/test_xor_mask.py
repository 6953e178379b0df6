"""Masks are found by structure, whatever their length and phase."""

import base64
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import PrivateFormat

from kitbench.forensics.canaries.disguise import der, pem, xor
from kitbench.forensics.decoding.layer import Layer
from kitbench.forensics.decoding.work_budget import WorkBudget
from kitbench.forensics.decoding.xor_mask import NEEDLES, xor_layers
from kitbench.forensics.keys.target import Target, needles
from tests.kitbench.forensics.flash_sample import code, ec_key, rsa_key


def unmasked(data: bytes, *, needles_: list[bytes] | None = None) -> list[bytes]:
    found = xor_layers(Layer(data), needles_ or list(NEEDLES), WorkBudget(len(data)))
    return [layer.data for layer in found]


@pytest.mark.parametrize("length", range(1, 9))
@pytest.mark.parametrize("shift", [0, 3])
def test_pem_under_mask_is_unmasked(length: int, shift: int) -> None:
    mask = bytes(range(0x81, 0x81 + length))
    data = code(500 + shift) + xor(pem(ec_key()), mask) + code(500)

    assert any(pem(ec_key()) in found for found in unmasked(data))


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()], ids=["p256", "p384"])
@pytest.mark.parametrize("style", [PrivateFormat.TraditionalOpenSSL, PrivateFormat.PKCS8])
@pytest.mark.parametrize("encode", [bytes, base64.b64encode])
def test_der_is_unmasked_by_its_structure(
    curve: ec.EllipticCurve, style: PrivateFormat, encode: Callable[[bytes], bytes]
) -> None:
    body = encode(der(ec.generate_private_key(curve), style))

    assert any(body in found for found in unmasked(code(99) + xor(body, b"password") + code(99)))


def test_der_is_unmasked_by_its_modulus() -> None:
    key = rsa_key()
    data = code(100) + xor(der(key), b"\x13\x37\x42") + code(100)

    found = unmasked(data, needles_=needles([Target(key.public_key(), "given")]))

    assert any(der(key) in one for one in found)


def test_masked_key_behind_erased_flash_is_unmasked() -> None:
    data = b"\xff" * 5000 + xor(pem(ec_key()), b"\x5a") + b"\xff" * 5000

    assert any(pem(ec_key()) in found for found in unmasked(data))


def test_plain_key_needs_no_mask() -> None:
    assert unmasked(code(200) + pem(ec_key()) + code(200)) == []


def test_clean_image_gives_no_layers() -> None:
    assert unmasked(code(100_000)) == []
