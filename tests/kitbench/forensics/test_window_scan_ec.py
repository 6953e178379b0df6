"""The running-point scan: every offset, both byte orders, both curves, and the edges of its lanes."""

import random

import pytest

from kitbench.forensics import window_scan_ec
from kitbench.forensics.window_scan_ec import P256, P384, Curve, ScalarHit

SEED = 20261122


def plant(image: bytearray, curve: Curve, offset: int, scalar: int, *, big_endian: bool) -> None:
    image[offset : offset + curve.width] = scalar.to_bytes(curve.width, "big" if big_endian else "little")


def test_curve_constants_are_those_of_the_library() -> None:
    for curve in (P256, P384):
        assert curve.contains(curve.generator)
        # (order - 1)·G = -G, which has the same x.
        assert curve.multiply(curve.order - 1, curve.generator)[0] == curve.generator[0]


@pytest.mark.parametrize("curve", [P256, P384], ids=lambda curve: curve.name)
def test_scan_finds_keys_at_edges_and_lane_boundaries(curve: Curve) -> None:
    random_ = random.Random(SEED)
    size = 40_000
    steps, _ = window_scan_ec._shape(size, curve)
    width = curve.width
    offsets = [0, 9 * steps - width, 18 * steps, 27 * steps - 1, 36 * steps + 1, 45 * steps - width // 2, size - width]
    image = bytearray(random_.randbytes(size))
    scalars = [random_.randrange(1, curve.order) for _ in offsets]
    expected = []
    for index, (offset, scalar) in enumerate(zip(offsets, scalars, strict=True)):
        plant(image, curve, offset, scalar, big_endian=bool(index % 2))
        expected.append(ScalarHit(offset, bool(index % 2), index))

    hits = window_scan_ec.scan(bytes(image), curve, [curve.multiply(scalar, curve.generator) for scalar in scalars])

    assert hits == sorted(expected, key=lambda hit: hit.offset)


def test_scan_finds_key_at_offsets_of_all_residues() -> None:
    random_ = random.Random(SEED)
    scalar = random_.randrange(1, P256.order)
    point = P256.multiply(scalar, P256.generator)
    for offset in range(0, 130, 5):
        image = bytearray(random_.randbytes(162))
        plant(image, P256, offset, scalar, big_endian=offset % 2 == 0)

        assert window_scan_ec.scan(bytes(image), P256, [point]) == [ScalarHit(offset, offset % 2 == 0, 0)]


def test_scan_of_image_without_key_finds_nothing() -> None:
    image = random.Random(SEED).randbytes(20_000)

    assert window_scan_ec.scan(image, P256, [P256.multiply(12345, P256.generator)]) == []


@pytest.mark.parametrize("size", [0, 1, 31])
def test_scan_of_image_shorter_than_a_window_finds_nothing(size: int) -> None:
    assert window_scan_ec.scan(bytes(size), P256, [P256.generator]) == []


def test_scan_of_a_single_window_finds_the_key_in_it() -> None:
    point = P256.multiply(2**200 + 7, P256.generator)

    hits = window_scan_ec.scan((2**200 + 7).to_bytes(32, "big"), P256, [point])

    assert hits == [ScalarHit(0, True, 0)]


def test_scan_finds_one_bit_neighbour_not() -> None:
    """Control: a window that differs in one bit is no hit."""
    scalar = 2**200 + 7
    image = bytearray(scalar.to_bytes(32, "big"))
    image[31] ^= 1

    assert window_scan_ec.scan(bytes(image), P256, [P256.multiply(scalar, P256.generator)]) == []


def test_scan_refuses_target_off_the_curve() -> None:
    with pytest.raises(ValueError, match="not on secp256r1"):
        window_scan_ec.scan(bytes(64), P256, [(1, 1)])


@pytest.mark.slow
def test_scan_finds_sixty_keys_in_a_megabyte_and_no_more() -> None:
    random_ = random.Random(SEED)
    size = 1_000_000
    image = bytearray(random_.randbytes(size))
    offsets = sorted(random_.sample(range(0, size - 64, 64), 60))
    scalars = [random_.randrange(1, P256.order) for _ in offsets]
    for index, (offset, scalar) in enumerate(zip(offsets, scalars, strict=True)):
        plant(image, P256, offset + index % 32, scalar, big_endian=index % 3 == 0)

    hits = window_scan_ec.scan(bytes(image), P256, [P256.multiply(scalar, P256.generator) for scalar in scalars])

    assert [hit.offset for hit in hits] == [offset + index % 32 for index, offset in enumerate(offsets)]


@pytest.mark.parametrize("curve", [P256, P384], ids=lambda curve: curve.name)
def test_point_on_the_curve_is_one_of_its_field(curve: Curve) -> None:
    x, y = curve.generator

    assert curve.contains((x, curve.prime - y))
    assert not curve.contains((x + curve.prime, y))
    assert not curve.contains((x, y + curve.prime))
    assert not curve.contains((x, y + 1))
