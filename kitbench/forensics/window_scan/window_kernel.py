"""What the inner loops of the window scans are asked, and what they answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from kitbench.forensics.decoding.work_budget import Work, WorkBudget
from kitbench.forensics.window_scan.curve import Curve, Point

#: More hits than this in one scan mean that the image repeats one key; the rest is counted but not listed.
HIT_LIMIT: Final = 4096


@dataclass(frozen=True, slots=True)
class Hits:
    """What a scan found: pairs of offset and target index, at most `HIT_LIMIT`, and how many there were."""

    pairs: list[tuple[int, int]]
    count: int

    def listed(self, work: WorkBudget | None) -> list[tuple[int, int]]:
        """Return the pairs, and note in `work` when there were more."""
        if work is not None:
            work.note_most(Work.HITS, self.count)
        return self.pairs


@dataclass(frozen=True, slots=True)
class Walk:
    """How the running point goes over an image: `lanes` begin at `start`, a random point, each `steps` windows long."""

    start: Point
    steps: int
    lanes: int


@dataclass(frozen=True, slots=True)
class Sieve:
    """What tells a private exponent d of N: the fraction of d·e·L/N is nearly 0 or 1 for a small factor.

    Attributes:
        ratio: e·L·2^(8·width + 64)/N, 128 bits.
        tolerance: of the 64-bit fraction, in units of the last place.
        factors: by one of which gcd(p - 1, q - 1) may exceed L's; 1 must be the first.
    """

    ratio: int
    tolerance: int
    factors: Sequence[int]


class WindowKernel(Protocol):
    """Looks at every little-endian window of an image; one that is too short for a window has none."""

    is_compiled: bool

    def scalars(self, image: bytes, curve: Curve, walk: Walk, targets: Sequence[Point]) -> Hits:
        """Return the windows that hold the private key of a target, which is a public key + Σ 256^i·G."""

    def divisors(self, image: bytes, width: int, moduli: Sequence[int]) -> Hits:
        """Return the windows of `width` bytes that are odd, have their top bit set, and divide a modulus."""

    def exponents(self, image: bytes, width: int, sieve: Sieve) -> Hits:
        """Return the windows of `width` bytes that the sieve lets pass, with 0 for their target."""

    def numbers(self, numbers: bytes, goals: Sequence[Point]) -> Hits:
        """Return which of the numbers are the private key of a goal: pairs of the number's index and the goal's.

        Args:
            numbers: of P-256, 32 bytes each, little-endian.
            goals: for each public key Q the point 2Q - (2^256 - 1)·G; the complements of keys are found with them.
        """

    def masked(self, numbers: bytes, goals: Sequence[Point]) -> Hits:
        """Return, likewise, which of them are a private key with one mask XORed to each byte, be it 0."""
