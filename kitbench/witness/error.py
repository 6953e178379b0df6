"""Why a bundle is no witness."""

from kitbench.errors import BenchError


class WitnessError(BenchError):
    """A bundle that is damaged, forged, or signed by a key that is not trusted; nobody loses a point by it."""

    def __init__(self, message: str, *, fix: str = "") -> None:
        super().__init__(message, stage="witness", fix=fix)
