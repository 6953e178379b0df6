"""The divisor scan and the exponent heuristic, for each part, byte order and size."""

import math
import random
from typing import Literal

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from kitbench.forensics.window_scan import window_scan_rsa
from kitbench.forensics.window_scan.window_scan_rsa import RsaPart
from tests.kitbench.forensics.flash_sample import rsa_key

pytestmark = pytest.mark.usefixtures("kernel")
SEED = 20261122
BITS = [2048, pytest.param(3072, marks=pytest.mark.slow), pytest.param(4096, marks=pytest.mark.slow)]


@pytest.mark.parametrize("bits", BITS)
@pytest.mark.parametrize("big_endian", [False, True])
def test_scan_finds_each_part_at_first_and_last_bytes(*, bits: int, big_endian: bool) -> None:
    key = rsa_key(bits)
    numbers = key.private_numbers()
    order: Literal["big", "little"] = "big" if big_endian else "little"
    carmichael = math.lcm(numbers.p - 1, numbers.q - 1)
    parts = [
        (numbers.p, bits // 16, RsaPart.PRIME),
        (numbers.q, bits // 16, RsaPart.PRIME),
        (pow(65537, -1, carmichael), bits // 8, RsaPart.EXPONENT),
        (pow(65537, -1, (numbers.p - 1) * (numbers.q - 1)), bits // 8, RsaPart.EXPONENT),
    ]
    for value, width, part in parts:
        image = bytearray(random.Random(SEED).randbytes(3000))
        for offset in (0, 1201, len(image) - width):
            image[offset : offset + width] = value.to_bytes(width, order)

        hits = window_scan_rsa.scan(bytes(image), [numbers.public_numbers], bits=bits)

        assert [(hit.offset, hit.big_endian, hit.part) for hit in hits] == [
            (offset, big_endian, part) for offset in (0, 1201, len(image) - width)
        ]


def test_private_key_is_whole_from_any_part() -> None:
    numbers = rsa_key().private_numbers()
    for value, width in ((numbers.p, 128), (numbers.d, 256)):
        hit = window_scan_rsa.scan(value.to_bytes(width), [numbers.public_numbers], bits=2048)[0]

        found = window_scan_rsa.private_key(hit, numbers.public_numbers)

        assert {found.private_numbers().p, found.private_numbers().q} == {numbers.p, numbers.q}


def test_scan_finds_neighbour_of_prime_not() -> None:
    """Control: p + 2 has the same look and divides nothing."""
    numbers = rsa_key().private_numbers()

    assert window_scan_rsa.scan((numbers.p + 2).to_bytes(128), [numbers.public_numbers], bits=2048) == []


def test_scan_finds_neighbour_of_exponent_not() -> None:
    """Control: the sieve lets d + 2 pass, the proof does not."""
    numbers = rsa_key().private_numbers()

    assert window_scan_rsa.scan((numbers.d + 2).to_bytes(256), [numbers.public_numbers], bits=2048) == []


@pytest.mark.parametrize("image", [b"", b"\x01", bytes(5000), b"\xff" * 5000, b"\x01" + bytes(4000)])
def test_scan_of_monotonous_images_finds_nothing(image: bytes) -> None:
    assert window_scan_rsa.scan(image, [rsa_key().public_key().public_numbers()], bits=2048) == []


def test_repr_of_hit_does_not_show_the_number() -> None:
    numbers = rsa_key().private_numbers()
    hit = window_scan_rsa.scan(numbers.p.to_bytes(128), [numbers.public_numbers], bits=2048)[0]

    assert str(numbers.p)[:20] not in repr(hit)


@pytest.mark.parametrize(
    ("bits", "exponent", "is_scannable"),
    [
        (2048, 65537, True),
        (3072, 3, True),
        (4096, 0x3FFFF, True),
        (2048, 0x40001, False),
        (1024, 65537, False),
        (2056, 65537, False),
    ],
)
def test_scannable_are_the_usual_sizes_and_exponents(bits: int, exponent: int, *, is_scannable: bool) -> None:
    modulus = random.Random(SEED).getrandbits(bits) | 1 << (bits - 1) | 1

    key = rsa.RSAPublicNumbers(exponent, modulus).public_key()

    assert window_scan_rsa.is_scannable(key) is is_scannable


def test_scan_for_nothing_finds_nothing() -> None:
    assert window_scan_rsa.scan(bytes(4096), [], bits=2048) == []
