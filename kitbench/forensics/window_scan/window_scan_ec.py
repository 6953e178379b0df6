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

from cryptography.hazmat.primitives.asymmetric import ec

from kitbench.forensics.decoding.work_budget import WorkBudget
from kitbench.forensics.window_scan import window_kernel
from kitbench.forensics.window_scan.curve import CURVES, Curve, Point
from kitbench.forensics.window_scan.fastest_kernel import fastest_kernel

#: Cost of a step's table of 256 multiples with its inversions, and of a window, in field multiplications.
_TABLE_COST: Final = 5000
_WINDOW_COST: Final = 11


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

    def goal(self, point: Point, curve: Curve) -> Point | None:
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


def point_of(key: ec.EllipticCurvePublicKey) -> Point:
    """Return the affine coordinates of a public key."""
    numbers = key.public_numbers()
    return numbers.x, numbers.y


def scan(image: bytes, curve: Curve, points: Sequence[Point], work: WorkBudget | None = None) -> list[ScalarHit]:
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
    image: bytes, curve: Curve, points: Sequence[Point], work: WorkBudget | None
) -> list[tuple[int, int]]:
    steps, lanes = _shape(len(image), curve)
    # The kernel adds byte + 1 at each step; the targets are moved by the sum of the ones.
    shift = curve.multiply((256**curve.width - 1) // 255 % curve.order, curve.generator)
    # A goal that is moved to infinity belongs to no window: a point off the curve stands for it. Its y is not 0, which
    # has no inverse and would spoil those of all others.
    targets = [curve.sum(point, shift) or (0, 1) for point in points]
    start = curve.multiply(secrets.randbelow(curve.order - 1) + 1, curve.generator)
    return fastest_kernel().scalars(image, curve, window_kernel.Walk(start, steps, lanes), targets).listed(work)


def _shape(size: int, curve: Curve) -> tuple[int, int]:
    """Return (steps, lanes) that cover every window start at nearly the least cost of tables and overlaps.

    At twice the cheapest number of steps, these cost a quarter more, and half of the lanes take half of the memory.
    """
    windows = size - curve.width + 1
    steps = max(1, 2 * math.isqrt(windows * curve.width * _WINDOW_COST // _TABLE_COST))
    return steps, -(-windows // steps)
