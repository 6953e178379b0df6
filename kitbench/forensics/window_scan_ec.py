"""Finds the private key of an EC public key in any byte-aligned window, in both byte orders.

Theory of operation: see `collinear_scan.inc.c`. A window costs about eleven field multiplications instead of a scalar
multiplication, whatever the number of keys: so the numbers next to a key are searched for as well. Runs of 0xFF and
0x00 must have been compacted before (`window_batch`) or cost as much as data.
"""

import math
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import gmpy2
from cryptography.hazmat.primitives.asymmetric import ec

from kitbench.forensics import window_kernel
from kitbench.forensics.work_budget import WorkBudget

#: Cost of a step's table of 256 multiples with its inversions, and of a window, in field multiplications.
_TABLE_COST: Final = 5000
_WINDOW_COST: Final = 11


@dataclass(frozen=True, slots=True)
class Curve:
    """A short Weierstrass curve y² = x³ - 3x + b over a prime field (SEC 2); `width` is bytes of a private key."""

    name: str
    width: int
    prime: int
    b: int
    order: int
    generator: tuple[int, int]

    def contains(self, point: tuple[int, int]) -> bool:
        """Whether the point's coordinates are in the field and satisfy the equation."""
        x, y = point
        return x < self.prime and y < self.prime and (y * y - (x * x * x - 3 * x + self.b)) % self.prime == 0

    def add(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
        """Return a + b; the sum must not be the point at infinity."""
        if a == b:
            slope = (3 * a[0] * a[0] - 3) * gmpy2.invert(2 * a[1], self.prime)
        else:
            slope = (b[1] - a[1]) * gmpy2.invert(b[0] - a[0], self.prime)
        x = (slope * slope - a[0] - b[0]) % self.prime
        return int(x), int((slope * (a[0] - x) - a[1]) % self.prime)

    def sum(self, a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int] | None:
        """Return a + b; None for the point at infinity."""
        return None if a[0] == b[0] and a[1] != b[1] else self.add(a, b)

    def multiply(self, scalar: int, point: tuple[int, int]) -> tuple[int, int]:
        """Return scalar·point for 0 < scalar < order; not constant-time, for public values only."""
        result = point
        for bit in bin(scalar)[3:]:
            result = self.add(result, result)
            if bit == "1":
                result = self.add(result, point)
        return result


P256: Final = Curve(
    "secp256r1",
    32,
    2**256 - 2**224 + 2**192 + 2**96 - 1,
    0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    (
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
)
P384: Final = Curve(
    "secp384r1",
    48,
    2**384 - 2**128 - 2**96 + 2**32 - 1,
    0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    (
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
)
CURVES: Final = {curve.name: curve for curve in (P256, P384)}


class Relation(StrEnum):
    """How the number w in a window is made from the private key d of n possible ones."""

    SAME = ""
    NEGATED = "negated"  # n - d
    NEXT = "plus_1"
    PREVIOUS = "minus_1"
    COMPLEMENT = "complement"  # every bit turned, as an XOR mask of 0xff does

    def private_key(self, window: int, curve: Curve) -> int:
        """Return d for w."""
        match self:
            case Relation.NEGATED:
                made = -window
            case Relation.NEXT:
                made = window - 1
            case Relation.PREVIOUS:
                made = window + 1
            case Relation.COMPLEMENT:
                made = 256**curve.width - 1 - window
            case Relation.SAME:
                made = window
        return made % curve.order

    def goal(self, point: tuple[int, int], curve: Curve) -> tuple[int, int] | None:
        """Return w·G for d·G; None for the point at infinity, which no window is."""
        x, y = point
        minus = x, curve.prime - y
        ones = curve.multiply((256**curve.width - 1) % curve.order, curve.generator)
        negative = curve.generator[0], curve.prime - curve.generator[1]
        match self:
            case Relation.SAME:
                return point
            case Relation.NEGATED:
                return minus
            case Relation.NEXT:
                return curve.sum(point, curve.generator)
            case Relation.PREVIOUS:
                return curve.sum(point, negative)
            case Relation.COMPLEMENT:
                return curve.sum(minus, ones)


@dataclass(frozen=True, slots=True)
class ScalarHit:
    """A window that seems to hold a private key: its offset, byte order, which target it belongs to, and how.

    Only the x of its public point was compared: whoever relies on it lets the key sign.
    """

    offset: int
    big_endian: bool
    target: int
    relation: Relation = Relation.SAME


def curve_of(key: ec.EllipticCurvePublicKey) -> Curve | None:
    """Return the curve of a public key, None for one that is not scanned for."""
    return CURVES.get(key.curve.name)


def point_of(key: ec.EllipticCurvePublicKey) -> tuple[int, int]:
    """Return the affine coordinates of a public key."""
    numbers = key.public_numbers()
    return numbers.x, numbers.y


def scan(
    image: bytes, curve: Curve, points: Sequence[tuple[int, int]], work: WorkBudget | None = None
) -> list[ScalarHit]:
    """Return the windows of `image` that hold the private key of one of the points, ordered by offset.

    Args:
        image: searched at every byte offset, from the first to the last whole window.
        curve: P-256 or P-384.
        points: public keys on the curve; anything else raises ValueError.
        work: notes when there are more hits than are listed.
    """
    if not all(curve.contains(point) for point in points):
        raise ValueError(f"a target is not on {curve.name}")
    if not points or len(image) < curve.width:
        return []
    last = len(image) - curve.width
    goals = [
        (target, relation, goal)
        for relation in Relation
        for target, point in enumerate(points)
        if (goal := relation.goal(point, curve)) is not None
    ]
    hits = []
    # Big-endian windows are little-endian ones of the image read backwards.
    for big_endian, data in ((False, image), (True, image[::-1])):
        for offset, index in _scan_little_endian(data, curve, [goal for *_, goal in goals], work):
            target, relation, _ = goals[index]
            hits.append(ScalarHit(last - offset if big_endian else offset, big_endian, target, relation))
    return sorted((hit for hit in hits if 0 <= hit.offset <= last), key=lambda hit: (hit.offset, hit.target))


def _scan_little_endian(
    image: bytes, curve: Curve, points: Sequence[tuple[int, int]], work: WorkBudget | None
) -> list[tuple[int, int]]:
    limbs = curve.width // 8
    steps, lanes = _shape(len(image), curve)
    # The kernel adds byte + 1 at each step; the targets are moved by the sum of the ones.
    shift = curve.multiply((256**curve.width - 1) // 255 % curve.order, curve.generator)
    # A goal that is moved to infinity belongs to no window: any point off the curve stands for it.
    targets = [coordinate for point in points for coordinate in curve.sum(point, shift) or (0, 0)]
    start = curve.multiply(secrets.randbelow(curve.order - 1) + 1, curve.generator)
    hits = window_kernel.hit_buffer()
    kernel = window_kernel.load()
    scan_curve = kernel.p256_scan if curve is P256 else kernel.p384_scan
    count = scan_curve(
        image,
        window_kernel.u64(len(image)),
        window_kernel.u64(lanes),
        window_kernel.u64(steps),
        window_kernel.to_limbs(curve.generator, limbs=limbs),
        window_kernel.to_limbs(start, limbs=limbs),
        window_kernel.to_limbs(targets, limbs=limbs),
        window_kernel.u64(len(points)),
        hits,
        window_kernel.u64(window_kernel.HIT_LIMIT),
    )
    return window_kernel.pairs(hits, count, what=f"{curve.name} window scan", work=work)


def _shape(size: int, curve: Curve) -> tuple[int, int]:
    """Return (steps, lanes) that cover every window start at nearly the least cost of tables and overlaps.

    At twice the cheapest number of steps, these cost a quarter more, and half of the lanes take half of the memory.
    """
    windows = size - curve.width + 1
    steps = max(1, 2 * math.isqrt(windows * curve.width * _WINDOW_COST // _TABLE_COST))
    return steps, -(-windows // steps)
