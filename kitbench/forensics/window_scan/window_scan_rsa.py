"""Finds the primes and the private exponent of an RSA public key in any byte-aligned window, in both byte orders.

A window is p or q iff it divides N: exact for balanced primes. For d the quotient d·e/N is nearly k/g with a small g:
a heuristic that fails only when gcd(p-1, q-1) has a prime factor beyond 1021, or two beyond 30: one key in 5000.
"""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import gmpy2
from cryptography.hazmat.primitives.asymmetric import rsa

from kitbench.forensics.decoding.work_budget import Work, WorkBudget, WorkExhaustedError
from kitbench.forensics.window_scan import window_kernel
from kitbench.forensics.window_scan.fastest_kernel import fastest_kernel

#: Modulus sizes in bits that are scanned for.
KEY_SIZES: Final = (2048, 3072, 4096)
_MULTIPLE: Final = 8 * math.lcm(*range(1, 31))
_FACTORS: Final = (1, *(n for n in range(31, 1022) if all(n % divisor for divisor in range(2, 32))))
#: A base finds the factors with a chance of a half at least.
_MOST_BASES: Final = 200
#: Rounding of the 64-bit fraction, in units of the last place.
_TOLERANCE: Final = 16


class RsaPart(StrEnum):
    """What a window holds."""

    PRIME = "prime"
    EXPONENT = "exponent"


@dataclass(frozen=True, slots=True)
class RsaHit:
    """A window with a part of a private key; `value` is its number, secret."""

    offset: int
    size: int
    big_endian: bool
    part: RsaPart
    target: int
    value: int

    def __repr__(self) -> str:
        return f"RsaHit({self.part} at {self.offset:#x})"


def is_scannable(key: rsa.RSAPublicKey) -> bool:
    """Whether the key has a size that the scan covers, and an exponent that leaves room for the heuristic."""
    return key.key_size in KEY_SIZES and key.public_numbers().e.bit_length() <= 18


@dataclass(frozen=True, slots=True)
class _Scan:
    """One walk over an image, which stands backwards for big-endian numbers."""

    image: bytes
    bits: int
    big_endian: bool
    work: WorkBudget


def scan(
    image: bytes, keys: Sequence[rsa.RSAPublicNumbers], *, bits: int, work: WorkBudget | None = None
) -> list[RsaHit]:
    """Return the windows that hold p, q or d of one of the keys, all of `bits` bits, ordered by offset.

    Where `work` is exhausted, which it knows, some hits may be missing.
    """
    if not keys:
        return []
    hits = []
    for big_endian in (False, True):
        one = _Scan(image[::-1] if big_endian else image, bits, big_endian, work or WorkBudget(len(image)))
        hits += [*_scan_primes(one, keys), *_scan_exponents(one, keys)]
    return sorted(hits, key=lambda hit: (hit.offset, hit.target))


def _scan_primes(one: _Scan, keys: Sequence[rsa.RSAPublicNumbers]) -> list[RsaHit]:
    width = one.bits // 16
    hits = fastest_kernel().divisors(one.image, width, [key.n for key in keys]).listed(one.work)
    return [_hit(one.image, hit, width, RsaPart.PRIME, big_endian=one.big_endian) for hit in hits]


def _scan_exponents(one: _Scan, keys: Sequence[rsa.RSAPublicNumbers]) -> list[RsaHit]:
    width = one.bits // 8
    found = []
    for target, key in enumerate(keys):
        sieve = window_kernel.Sieve((key.e * _MULTIPLE << (one.bits + 64)) // key.n, _TOLERANCE, _FACTORS)
        candidates = [
            _hit(one.image, (offset, target), width, RsaPart.EXPONENT, big_endian=one.big_endian)
            for offset, _ in fastest_kernel().exponents(one.image, width, sieve).listed(one.work)
        ]
        proven = set(_exponents({hit.value: None for hit in candidates}, key, one.work))
        found += [hit for hit in candidates if hit.value in proven]
    return found


def _exponents(values: Iterable[int], key: rsa.RSAPublicNumbers, work: WorkBudget) -> Iterator[int]:
    """Yield the values that are private exponents, as far as the work reaches: a number made to look like one costs."""
    for value in values:
        try:
            work.spend(Work.EXPONENTS, (key.n.bit_length() // 1024) ** 3, None)
        except WorkExhaustedError:
            return
        if is_exponent(value, key):
            yield value


def is_exponent(value: int, key: rsa.RSAPublicNumbers) -> bool:
    """Whether the number undoes the public exponent."""
    return 1 < value < key.n and gmpy2.powmod(gmpy2.powmod(2, key.e, key.n), value, key.n) == 2


def _hit(image: bytes, hit: tuple[int, int], width: int, part: RsaPart, *, big_endian: bool) -> RsaHit:
    offset, target = hit
    value = int.from_bytes(image[offset : offset + width], "little")
    position = len(image) - width - offset if big_endian else offset
    return RsaHit(position, width, big_endian, part, target, value)


def private_key(hit: RsaHit, key: rsa.RSAPublicNumbers) -> rsa.RSAPrivateKey:
    """Return the whole private key from the part that was found."""
    if hit.part is RsaPart.PRIME:
        p, q = hit.value, key.n // hit.value
        d = pow(key.e, -1, math.lcm(p - 1, q - 1))
    else:
        d = hit.value
        p, q = _factors(key, d)
    numbers = rsa.RSAPrivateNumbers(
        p, q, d, rsa.rsa_crt_dmp1(d, p), rsa.rsa_crt_dmq1(d, q), rsa.rsa_crt_iqmp(p, q), key
    )
    return numbers.private_key(unsafe_skip_rsa_key_validation=True)


def _factors(key: rsa.RSAPublicNumbers, d: int) -> tuple[int, int]:
    """Return p and q, p the larger, by a square root of 1 that is neither 1 nor -1 (NIST SP 800-56B, appendix C.1).

    `cryptography` has the same; its powers by Python's own numbers take ten times as long.
    """
    order = key.e * d - 1
    twos = (order & -order).bit_length() - 1
    for base in range(2, _MOST_BASES):
        root = gmpy2.powmod(base, order >> twos, key.n)
        for _ in range(twos):
            square = gmpy2.powmod(root, 2, key.n)
            if square == 1 and root not in (1, key.n - 1):
                p = int(gmpy2.gcd(root - 1, key.n))
                return max(p, key.n // p), min(p, key.n // p)
            root = square
    raise ValueError("d is no private exponent of this key")
