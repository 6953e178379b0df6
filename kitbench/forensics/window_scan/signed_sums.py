"""Scrambled private numbers of P-256 by the portable kernel: the theory is in `signed_sums.inc.c`."""

import functools
import itertools
from collections.abc import Iterator, Sequence
from typing import Final

import gmpy2

from kitbench.forensics.window_scan.curve import P256, Point
from kitbench.forensics.window_scan.many_points import BigPoint, Points, added, double, inverted

_PRIME: Final = gmpy2.mpz(P256.prime)
_SIZE: Final = P256.width
#: Numbers at a time: an inversion costs as much as some sixty multiplications.
_BATCH: Final = 512
_PLANES: Final = 8
#: Bytes of a number whose bits of one plane make an index.
_PART: Final = 8


def products(numbers: bytes, goals: Sequence[Point]) -> Iterator[tuple[int, int]]:
    """Yield the index of each number that is the private key of a goal, and the goal's."""
    tables = [_table([8 * byte + bit for bit in range(8)]) for byte in range(_SIZE)] if numbers else []
    for begin in range(0, len(numbers), _SIZE * _BATCH):
        stretch = numbers[begin : begin + _SIZE * _BATCH]
        total = _looked_up(tables[0], stretch[::_SIZE])
        for byte in range(1, _SIZE):
            total = added(total, _looked_up(tables[byte], stretch[byte::_SIZE]), _PRIME)
        for index, x in enumerate(total.x):
            yield from ((begin // _SIZE + index, goal) for goal, point in enumerate(goals) if point[0] == x)


def masked(numbers: bytes, goals: Sequence[Point]) -> Iterator[tuple[int, int]]:
    """Yield the same for numbers under a mask of one byte."""
    parts = range(0, _SIZE, _PART)
    tables = [
        [_table([8 * (part + byte) + plane for byte in range(_PART)]) for part in parts] for plane in range(_PLANES)
    ]
    for begin in range(0, len(numbers) if goals else 0, _SIZE * _BATCH):
        stretch = numbers[begin : begin + _SIZE * _BATCH]
        planes = [_plane_sums(stretch, plane, tables[plane]) for plane in range(_PLANES)]
        low, high = _signed(planes[:4]), _signed(planes[4:])
        for goal, point in enumerate(goals):
            yield from ((begin // _SIZE + index, goal) for index in _meetings(low, high, point))


def _table(exponents: Sequence[int]) -> Points:
    """Return, for each index v, the sum of +2^e·G for each e whose bit in v is set and -2^e·G for the others."""
    powers = _powers()
    total = _points([powers[exponents[0]]])
    for exponent in exponents[1:]:
        total = added(total, _points([powers[exponent]]), _PRIME)
    table = Points(total.x, [-total.y[0] % _PRIME])
    for exponent in exponents:
        turned = added(table, _points([powers[exponent + 1]] * len(table.x)), _PRIME)
        table = Points(table.x + turned.x, table.y + turned.y)
    return table


@functools.cache
def _powers() -> tuple[BigPoint, ...]:
    """Return 2^k·G for k to 256."""
    powers = [(gmpy2.mpz(P256.generator[0]), gmpy2.mpz(P256.generator[1]))]
    for _ in range(8 * _SIZE):
        powers.append(double(powers[-1], _PRIME))
    return tuple(powers)


def _points(points: Sequence[BigPoint]) -> Points:
    return Points([x for x, _ in points], [y for _, y in points])


def _looked_up(table: Points, indices: bytes | Sequence[int]) -> Points:
    return Points([table.x[index] for index in indices], [table.y[index] for index in indices])


def _plane_sums(numbers: bytes, plane: int, tables: Sequence[Points]) -> Points:
    """Return the sum of the signed bits of a plane, for each number."""
    bits = numbers.translate(bytes(byte >> plane & 1 for byte in range(256)))
    total: Points | None = None
    for part, table in enumerate(tables):
        columns = [bits[_PART * part + byte :: _SIZE] for byte in range(_PART)]
        indices = [sum(bit << place for place, bit in enumerate(column)) for column in zip(*columns, strict=True)]
        terms = _looked_up(table, indices)
        total = terms if total is None else added(total, terms, _PRIME)
    assert total is not None
    return total


def _signed(planes: Sequence[Points]) -> list[Points]:
    """Return the first of the planes plus or minus each of the others: two to the power of these, for each number."""
    results = [planes[0]]
    for plane in planes[1:]:
        minus = Points(plane.x, [-y % _PRIME for y in plane.y])
        results = [added(result, term, _PRIME) for result, term in itertools.product(results, (plane, minus))]
    return results


def _meetings(low: Sequence[Points], high: Sequence[Points], goal: Point) -> Iterator[int]:
    """Yield the numbers for which one of `low` has the x of the goal plus or minus one of `high`."""
    seen = [set(xs) for xs in zip(*(points.x for points in low), strict=True)]
    x, y = gmpy2.mpz(goal[0]), gmpy2.mpz(goal[1])
    meets: set[int] = set()
    for points in high:
        inverse = inverted([(other - x) % _PRIME or gmpy2.mpz(1) for other in points.x], _PRIME)
        for index, other in enumerate(points.x):
            for rise in (points.y[index] - y, points.y[index] + y):
                slope = rise * inverse[index] % _PRIME
                if (slope * slope - x - other) % _PRIME in seen[index]:
                    meets.add(index)
    yield from sorted(meets)
