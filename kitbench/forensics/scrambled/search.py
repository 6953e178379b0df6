"""Tries lone windows as private numbers of P-256 in disguise."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from cryptography.hazmat.primitives.asymmetric import ec

from kitbench.forensics.decoding.work_budget import WorkBudget
from kitbench.forensics.scrambled.byte_orders import ORDERS, Numbers
from kitbench.forensics.window_scan.curve import P256, Point
from kitbench.forensics.window_scan.fastest_kernel import fastest_kernel

_ALL_BITS: Final = 2**256 - 1


@dataclass(frozen=True, slots=True)
class Disguised:
    """A window that is a private key in disguise; `value` is the number, secret."""

    window: int
    target: int
    form: str
    value: int

    def __repr__(self) -> str:
        return f"Disguised({self.form} in window {self.window})"


def search(windows: Numbers, points: Sequence[Point], work: WorkBudget) -> Iterator[Disguised]:
    """Yield the windows that are the private key of a point in disguise; in other orders, its negative, too.

    Args:
        windows: rows of 32 bytes.
        points: public keys.
        work: notes when there are more hits than are listed.
    """
    if not len(windows) or not points:
        return
    yield from _in_other_orders(windows, points, work)
    yield from _under_masks(windows, points, work)


def _in_other_orders(windows: Numbers, points: Sequence[Point], work: WorkBudget) -> Iterator[Disguised]:
    goals = [goal for point in points for goal in (_goal(point), _goal(_negative(point)))]
    numbers = np.concatenate([order.restored(windows) for order in ORDERS])
    for hit, goal in fastest_kernel().numbers(numbers.tobytes(), goals).listed(work):
        number = int.from_bytes(numbers[hit].tobytes(), "little")
        order = ORDERS[hit // len(windows)]
        # The complement of a number has the x of the goal as well.
        for value in (number, P256.order - number, _ALL_BITS - number, number - _ALL_BITS):
            if _is_of(value % P256.order, points[goal // 2]):
                yield Disguised(hit % len(windows), goal // 2, order.name, value % P256.order)
                break


def _under_masks(windows: Numbers, points: Sequence[Point], work: WorkBudget) -> Iterator[Disguised]:
    goals = [_goal(point) for point in points]
    numbers = np.concatenate((windows, windows[:, ::-1]))
    known: dict[int, int] = {}
    for hit, goal in fastest_kernel().masked(numbers.tobytes(), goals).listed(work):
        value = _unmasked(numbers[hit].tobytes(), points[goal], known.get(goal))
        if value is not None:
            known[goal] = value
            order = "little" if hit < len(windows) else "big"
            yield Disguised(hit % len(windows), goal, f"xor_1_{order}_endian", value)


def _unmasked(number: bytes, point: Point, known: int | None) -> int | None:
    """Return the private key of a point that stands under one of the masks; None where it is none's, or plain to see.

    A dump may hold one key under many masks: one that is known is looked for first.
    """
    mask = number[0] ^ (known or 0) & 0xFF
    if known is not None and bytes(byte ^ mask for byte in number) == known.to_bytes(P256.width, "little"):
        return known if mask else None
    if _is_of(int.from_bytes(number, "little") % P256.order, point):
        return None
    for mask in range(1, 256):
        value = int.from_bytes(bytes(byte ^ mask for byte in number), "little") % P256.order
        if _is_of(value, point):
            return value
    return None


def _is_of(value: int, point: Point) -> bool:
    """Whether a number is the private key of a point."""
    if value == 0:
        return False
    public = ec.derive_private_key(value, ec.SECP256R1()).public_key().public_numbers()
    return (public.x, public.y) == point


def _goal(point: Point) -> Point:
    """Return 2Q - (2^256 - 1)·G for Q; where that is no point, one that no number has."""
    x, y = P256.multiply(_ALL_BITS % P256.order, P256.generator)
    return P256.sum(P256.add(point, point), (x, P256.prime - y)) or (0, 1)


def _negative(point: Point) -> Point:
    return point[0], P256.prime - point[1]
