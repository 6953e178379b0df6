"""Many points of one curve at once, in gmpy2's numbers: sums share one inversion (Montgomery's trick)."""

from dataclasses import dataclass

import gmpy2

#: Affine coordinates.
BigPoint = tuple[gmpy2.mpz, gmpy2.mpz]


@dataclass(slots=True)
class Points:
    """Many points of one curve, x and y apart; gmpy2's numbers."""

    x: list[gmpy2.mpz]
    y: list[gmpy2.mpz]


def added(left: Points, right: Points, prime: gmpy2.mpz) -> Points:
    """Return the sums of pairs of points whose x differ."""
    result = Points([], [])
    inverses = inverted([b - a for a, b in zip(left.x, right.x, strict=True)], prime)
    for ax, ay, bx, by, inverse in zip(left.x, left.y, right.x, right.y, inverses, strict=True):
        slope = (by - ay) * inverse % prime
        x = (slope * slope - ax - bx) % prime
        result.x.append(x)
        result.y.append((slope * (ax - x) - ay) % prime)
    return result


def inverted(numbers: list[gmpy2.mpz], prime: gmpy2.mpz) -> list[gmpy2.mpz]:
    """Return the inverses at the cost of one, and three multiplications each (Montgomery's trick)."""
    product = gmpy2.mpz(1)
    prefixes = []
    for number in numbers:
        prefixes.append(product)
        product = product * number % prime
    rest = gmpy2.invert(product, prime)
    for index in range(len(numbers) - 1, -1, -1):
        prefixes[index] = prefixes[index] * rest % prime
        rest = rest * numbers[index] % prime
    return prefixes


def double(point: BigPoint, prime: gmpy2.mpz) -> BigPoint:
    """Return twice a point of a curve whose coefficient is -3."""
    x, y = point
    slope = 3 * (x * x - 1) * gmpy2.invert(2 * y, prime) % prime
    double_x = (slope * slope - 2 * x) % prime
    return double_x, (slope * (x - double_x) - y) % prime
