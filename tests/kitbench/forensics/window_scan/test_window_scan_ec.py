"""The running-point scan: every offset, both byte orders, both curves, and the edges of its lanes."""

import random
from collections.abc import Callable

import pytest

from kitbench.forensics.window_scan import window_scan_ec
from kitbench.forensics.window_scan.curve import P256, P384, Curve
from kitbench.forensics.window_scan.window_scan_ec import Relation, ScalarHit

pytestmark = pytest.mark.usefixtures("kernel")
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
    image[31] ^= 2  # one up or one down would be a relation

    assert window_scan_ec.scan(bytes(image), P256, [P256.multiply(scalar, P256.generator)]) == []


def test_scan_refuses_target_off_the_curve() -> None:
    with pytest.raises(ValueError, match="not on secp256r1"):
        window_scan_ec.scan(bytes(64), P256, [(1, 1)])


@pytest.mark.parametrize("curve", [P256, P384], ids=lambda curve: curve.name)
@pytest.mark.parametrize(
    ("relation", "window"),
    [
        (Relation.NEGATED, lambda key, curve: curve.order - key),
        (Relation.NEXT, lambda key, _: key + 1),
        (Relation.PREVIOUS, lambda key, _: key - 1),
        (Relation.COMPLEMENT, lambda key, curve: key ^ (256**curve.width - 1)),
    ],
)
def test_scan_finds_the_numbers_next_to_a_key(
    relation: Relation, window: Callable[[int, Curve], int], curve: Curve
) -> None:
    random_ = random.Random(SEED)
    key = random_.randrange(2, curve.order - 1)
    image = bytearray(random_.randbytes(300))
    plant(image, curve, 101, window(key, curve), big_endian=True)

    hits = window_scan_ec.scan(bytes(image), curve, [curve.multiply(key, curve.generator)])

    assert hits == [ScalarHit(101, True, 0, relation)]
    assert relation.private_key(window(key, curve), curve) == key


@pytest.mark.parametrize("scalar", [1, P256.order - 1])
def test_scan_for_a_key_beside_the_point_at_infinity_works(scalar: int) -> None:
    image = bytearray(random.Random(SEED).randbytes(200))
    plant(image, P256, 50, scalar, big_endian=False)

    hits = window_scan_ec.scan(bytes(image), P256, [P256.multiply(scalar, P256.generator)])

    assert ScalarHit(50, False, 0) in hits


def test_window_made_to_give_no_difference_hides_no_key() -> None:
    """The scan counts each byte one up: this window sums to the group's order, a difference of nothing."""
    random_ = random.Random(SEED)
    nothing = P256.order - (256**32 - 1) // 255
    key = random_.randrange(1, P256.order)
    image = bytearray(random_.randbytes(4000))
    for offset in range(0, 4000 - 64, 64):
        plant(image, P256, offset, nothing, big_endian=False)
    plant(image, P256, 2032, key, big_endian=False)

    hits = window_scan_ec.scan(bytes(image), P256, [P256.multiply(key, P256.generator)])

    assert hits == [ScalarHit(2032, False, 0)]


def test_target_that_the_scan_moves_to_infinity_hides_no_other() -> None:
    """Whoever knows the scan may leave such a public point in the flash."""
    ones = (256**32 - 1) // 255
    infinite = P256.multiply(P256.order - ones % P256.order, P256.generator)
    key = 2**200 + 7
    image = bytearray(random.Random(SEED).randbytes(4000))
    offsets = range(0, 4000 - 32, 33)
    for offset in offsets:
        plant(image, P256, offset, key, big_endian=True)

    hits = window_scan_ec.scan(bytes(image), P256, [infinite, P256.multiply(key, P256.generator)])

    assert hits == [ScalarHit(offset, True, 1) for offset in offsets]


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
