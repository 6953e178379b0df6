"""Points as they are given: to 0.01, a half upwards, as people round."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

_STEP: Final = Decimal("0.01")
#: Sums of binary fractions miss their decimal by less than this.
_NOISE: Final = Decimal("1e-9")


def rounded(points: float) -> float:
    """Return points to 0.01: 4.125 is 4.13, and so is what should be 4.125 but for how sums are kept."""
    exact = Decimal(repr(points)).quantize(_NOISE, ROUND_HALF_UP)
    return float(exact.quantize(_STEP, ROUND_HALF_UP))
