"""The window kernel in Python, for installations without a compiled one: big numbers by gmpy2, sieves by numpy.

It walks as `window_kernel.c` does, about fifteen times slower.
"""

from collections.abc import Iterator, Sequence
from typing import Final

import gmpy2
import numpy as np
from numpy.typing import NDArray

from kitbench.forensics.window_scan import signed_sums
from kitbench.forensics.window_scan.curve import Curve, Point
from kitbench.forensics.window_scan.many_points import BigPoint, Points, added, double, inverted
from kitbench.forensics.window_scan.window_kernel import HIT_LIMIT, Hits, Sieve, Walk

_Bytes = NDArray[np.uint8]
_Words = NDArray[np.uint64]
#: Windows that are sieved at a time, for the sake of memory.
_STRETCH: Final = 1 << 16
_HALF: Final = np.uint64(32)
_LOW: Final = np.uint64(0xFFFFFFFF)


class PortableKernel:
    """The window scans in Python and NumPy, for installations without a C compiler."""

    is_compiled = False

    def scalars(self, image: bytes, curve: Curve, walk: Walk, targets: Sequence[Point]) -> Hits:
        """Return the windows that hold the private key of a target."""
        return _listed(_scalars(image, curve, walk, targets))

    def divisors(self, image: bytes, width: int, moduli: Sequence[int]) -> Hits:
        """Return the windows that divide a modulus."""
        found = [
            (at, index)
            for at in _plausible_primes(np.frombuffer(image, np.uint8), width)
            for index, modulus in enumerate(moduli)
            if modulus % int.from_bytes(image[at : at + width], "little") == 0
        ]
        return Hits(found[:HIT_LIMIT], len(found))

    def exponents(self, image: bytes, width: int, sieve: Sieve) -> Hits:
        """Return the windows that may be a private exponent."""
        data = np.frombuffer(image, np.uint8)
        odd = np.flatnonzero(data[: max(0, len(data) - width + 1)] & 1)
        stretches = (odd[at : at + _STRETCH] for at in range(0, len(odd), _STRETCH))
        found = [int(at) for stretch in stretches for at in _sieved(data, stretch, width, sieve)]
        return Hits([(at, 0) for at in found[:HIT_LIMIT]], len(found))

    def numbers(self, numbers: bytes, goals: Sequence[Point]) -> Hits:
        """Return which of the numbers are the private key of a goal."""
        return _listed(signed_sums.products(numbers, goals))

    def masked(self, numbers: bytes, goals: Sequence[Point]) -> Hits:
        """Return which of the numbers are the private key of a goal under a mask of one byte."""
        return _listed(signed_sums.masked(numbers, goals))


def _listed(hits: Iterator[tuple[int, int]]) -> Hits:
    found = list(hits)
    return Hits(found[:HIT_LIMIT], len(found))


def _scalars(image: bytes, curve: Curve, walk: Walk, targets: Sequence[Point]) -> Iterator[tuple[int, int]]:
    """Yield the hits; S[t + width] - S[t] = ±256^t·target tells one: see `collinear_scan.inc.c`."""
    prime = gmpy2.mpz(curve.prime)
    here = Points([gmpy2.mpz(walk.start[0])] * walk.lanes, [gmpy2.mpz(walk.start[1])] * walk.lanes)
    passed = [here]
    base = (gmpy2.mpz(curve.generator[0]), gmpy2.mpz(curve.generator[1]))
    goals = [(gmpy2.mpz(x), gmpy2.mpz(y)) for x, y in targets]
    for step in range(walk.steps + curve.width - 1):
        table = _multiples(base, prime)
        column = image[step :: walk.steps][: walk.lanes]
        padded = column.ljust(walk.lanes, b"\0")
        here = added(here, Points([table.x[byte] for byte in padded], [table.y[byte] for byte in padded]), prime)
        passed.append(here)
        if step + 1 >= curve.width:
            places = {x: [index for index, goal in enumerate(goals) if goal[0] == x] for x, _ in goals}
            for lane, x in enumerate(_differences(here, passed.pop(0), len(column), prime)):
                for index in places.get(x, ()):
                    yield lane * walk.steps + step + 1 - curve.width, index
            goals = [_times_256(goal, prime) for goal in goals]
        base = (table.x[255], table.y[255])


def _multiples(base: BigPoint, prime: gmpy2.mpz) -> Points:
    """Return (i + 1)·base for i < 256, by doubling the filled part eight times."""
    table = Points([base[0]], [base[1]])
    for _ in range(8):
        last = (table.x[-1], table.y[-1])
        others = Points(table.x[:-1], table.y[:-1])
        count = len(others.x)
        sums = added(others, Points([last[0]] * count, [last[1]] * count), prime)
        twice = double(last, prime)
        table.x += [*sums.x, twice[0]]
        table.y += [*sums.y, twice[1]]
    return table


def _times_256(point: BigPoint, prime: gmpy2.mpz) -> BigPoint:
    for _ in range(8):
        point = double(point, prime)
    return point


def _differences(left: Points, right: Points, count: int, prime: gmpy2.mpz) -> list[gmpy2.mpz]:
    """Return the x of the differences of the first `count` pairs; where there is none, some number."""
    apart = [a - b or gmpy2.mpz(1) for a, b in zip(left.x[:count], right.x, strict=False)]
    sums = (a + b for a, b in zip(left.y, right.y, strict=True))
    slopes = [total * inverse % prime for total, inverse in zip(sums, inverted(apart, prime), strict=False)]
    points = zip(left.x, right.x, slopes, strict=False)
    return [(slope * slope - ax - bx) % prime for ax, bx, slope in points]


def _plausible_primes(data: _Bytes, width: int) -> list[int]:
    """Return the windows that are odd, have their top bit set, and none of the factors 3, 5 and 17.

    256 is 1 modulo all three: the sum of the bytes tells.
    """
    if len(data) < width:
        return []
    count = len(data) - width + 1
    sums = np.concatenate((np.zeros(1, np.uint64), np.cumsum(data, dtype=np.uint64)))
    rests = ((sums[width:] - sums[:count]) % np.uint64(255)).astype(np.uint8)
    small = np.array([any(rest % factor == 0 for factor in (3, 5, 17)) for rest in range(255)])
    plausible = (data[:count] % 2 == 1) & (data[width - 1 :] >= 0x80) & ~small[rests]
    places: list[int] = np.flatnonzero(plausible).tolist()
    return places


def _sieved(data: _Bytes, places: NDArray[np.intp], width: int, sieve: Sieve) -> NDArray[np.intp]:
    """Return the places whose windows pass; their top 16 bytes give 64 bits of the fraction."""
    top = _words(data, places + width - 8)
    places, top = places[top >> _HALF != 0], top[top >> _HALF != 0]  # zero-filled: one d in 2^32 looks so
    below = _words(data, places + width - 16)
    high, low = np.uint64(sieve.ratio >> 64), np.uint64(sieve.ratio & 0xFFFFFFFFFFFFFFFF)
    fraction = top * high + _high_product(top, low) + _high_product(below, high)
    passes = np.zeros(len(places), np.bool_)
    for factor in map(np.uint64, sieve.factors):
        margin = np.uint64(sieve.tolerance) * factor
        passes |= fraction * factor + margin <= margin * np.uint64(2)
    return places[passes]


def _words(data: _Bytes, places: NDArray[np.intp]) -> _Words:
    """Return the little-endian 64-bit words at the places."""
    words = np.zeros(len(places), np.uint64)
    for index in range(8):
        words |= data[places + index].astype(np.uint64) << np.uint64(8 * index)
    return words


def _high_product(words: _Words, factor: np.uint64) -> _Words:
    """Return the upper 64 bits of the products."""
    a, b = words >> _HALF, words & _LOW
    c, d = factor >> _HALF, factor & _LOW
    middle = a * d + (b * d >> _HALF)
    other = b * c + (middle & _LOW)
    product: _Words = a * c + (middle >> _HALF) + (other >> _HALF)
    return product
