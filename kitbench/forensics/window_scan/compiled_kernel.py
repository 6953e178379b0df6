"""The window kernel in C, as the wheel brings it: `hatch_build.py` compiles it, this loads it."""

import ctypes
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError
from kitbench.forensics.window_scan.curve import P256, Curve, Point
from kitbench.forensics.window_scan.kernel_file import library_name
from kitbench.forensics.window_scan.window_kernel import HIT_LIMIT, Hits, Sieve, Walk

_FOLDER: Final = Path(__file__).parent
_SCANS: Final = {32: "p256_scan", 48: "p384_scan"}

Limbs = ctypes.Array[ctypes.c_uint64]
u64 = ctypes.c_uint64


def load(folder: Path = _FOLDER) -> "CompiledKernel | None":
    """Return the kernel, None where this installation has none for this machine, or of other sources.

    Raises:
        BenchError: the library is there and cannot be loaded.
    """
    path = folder / library_name(folder)
    if not path.is_file():
        return None
    try:
        library = ctypes.CDLL(str(path))
        for name in (*_SCANS.values(), "divisor_scan", "exponent_scan", "p256_numbers", "p256_masked"):
            getattr(library, name).restype = ctypes.c_int64
    except (OSError, AttributeError) as error:
        reason = str(error).splitlines()[0]
        raise BenchError(f"cannot load {path}: {reason}", stage="audit", fix="reinstall kitbench") from error
    return CompiledKernel(library)


class CompiledKernel:
    """The window scans in C, called by ctypes."""

    is_compiled = True

    def __init__(self, library: ctypes.CDLL) -> None:
        self._library = library

    def scalars(self, image: bytes, curve: Curve, walk: Walk, targets: Sequence[Point]) -> Hits:
        """Return the windows that hold the private key of a target."""
        limbs = curve.width // 8
        hits = _hit_buffer()
        count = getattr(self._library, _SCANS[curve.width])(
            image,
            u64(len(image)),
            u64(walk.lanes),
            u64(walk.steps),
            to_limbs(curve.generator, limbs=limbs),
            to_limbs(walk.start, limbs=limbs),
            to_limbs([coordinate for point in targets for coordinate in point], limbs=limbs),
            u64(len(targets)),
            hits,
            u64(HIT_LIMIT),
        )
        return _pairs(hits, count, what=f"{curve.name} window scan")

    def divisors(self, image: bytes, width: int, moduli: Sequence[int]) -> Hits:
        """Return the windows that divide a modulus."""
        limbs = width // 4
        hits = _hit_buffer()
        count = self._library.divisor_scan(
            image,
            u64(len(image)),
            u64(width // 8),
            to_limbs(moduli, limbs=limbs),
            u64(limbs),
            u64(len(moduli)),
            hits,
            u64(HIT_LIMIT),
        )
        return _pairs(hits, count, what="RSA prime scan")

    def exponents(self, image: bytes, width: int, sieve: Sieve) -> Hits:
        """Return the windows that may be a private exponent."""
        hits = _hit_buffer()
        count = self._library.exponent_scan(
            image,
            u64(len(image)),
            u64(width),
            to_limbs([sieve.ratio], limbs=2),
            u64(sieve.tolerance),
            to_limbs(sieve.factors, limbs=1),
            u64(len(sieve.factors)),
            hits,
            u64(HIT_LIMIT),
        )
        return Hits([(hits[i], 0) for i in range(min(count, HIT_LIMIT))], count)

    def numbers(self, numbers: bytes, goals: Sequence[Point]) -> Hits:
        """Return which of the numbers are the private key of a goal."""
        return self._products("p256_numbers", numbers, goals)

    def masked(self, numbers: bytes, goals: Sequence[Point]) -> Hits:
        """Return which of the numbers are the private key of a goal under a mask of one byte."""
        return self._products("p256_masked", numbers, goals)

    def _products(self, scan: str, numbers: bytes, goals: Sequence[Point]) -> Hits:
        hits = _hit_buffer()
        count = getattr(self._library, scan)(
            numbers,
            u64(len(numbers) // P256.width),
            to_limbs(P256.generator, limbs=P256.width // 8),
            to_limbs([coordinate for point in goals for coordinate in point], limbs=P256.width // 8),
            u64(len(goals)),
            hits,
            u64(HIT_LIMIT),
        )
        return _pairs(hits, count, what="search for scrambled numbers")


def to_limbs(numbers: Sequence[int], *, limbs: int) -> Limbs:
    """Return the numbers as consecutive little-endian 64-bit limbs, `limbs` each."""
    data = b"".join(number.to_bytes(8 * limbs, "little") for number in numbers)
    return (ctypes.c_uint64 * (limbs * len(numbers))).from_buffer_copy(data)


def _hit_buffer() -> Limbs:
    return (ctypes.c_uint64 * (2 * HIT_LIMIT))()


def _pairs(hits: Limbs, count: int, *, what: str) -> Hits:
    if count < 0:
        raise BenchError(f"out of memory in the {what}", stage="audit")
    return Hits([(hits[2 * i], hits[2 * i + 1]) for i in range(min(count, HIT_LIMIT))], count)
