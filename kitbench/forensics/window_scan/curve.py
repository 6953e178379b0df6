"""The elliptic curves that are scanned for: short Weierstrass, y² = x³ - 3x + b over a prime field (SEC 2)."""

from dataclasses import dataclass
from typing import Final

import gmpy2

#: Affine coordinates.
Point = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Curve:
    """One of them; `width` is bytes of a private key."""

    name: str
    width: int
    prime: int
    b: int
    order: int
    generator: Point

    def contains(self, point: Point) -> bool:
        """Whether the point's coordinates are in the field and satisfy the equation."""
        x, y = point
        return x < self.prime and y < self.prime and (y * y - (x * x * x - 3 * x + self.b)) % self.prime == 0

    def add(self, a: Point, b: Point) -> Point:
        """Return a + b; the sum must not be the point at infinity."""
        if a == b:
            slope = (3 * a[0] * a[0] - 3) * gmpy2.invert(2 * a[1], self.prime)
        else:
            slope = (b[1] - a[1]) * gmpy2.invert(b[0] - a[0], self.prime)
        x = (slope * slope - a[0] - b[0]) % self.prime
        return int(x), int((slope * (a[0] - x) - a[1]) % self.prime)

    def sum(self, a: Point, b: Point) -> Point | None:
        """Return a + b; None for the point at infinity."""
        return None if a[0] == b[0] and a[1] != b[1] else self.add(a, b)

    def multiply(self, scalar: int, point: Point) -> Point:
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
