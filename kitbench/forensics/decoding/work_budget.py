"""Bounds what an examination may cost, whatever the dump holds: counted work, not seconds, so that verdicts repeat.

A dump made to keep the audit busy exhausts a limit. What was found until then stays found; absence is not proven.
"""

from collections import Counter
from enum import StrEnum
from typing import Any, Final

from kitbench.forensics.decoding.layer import Layer

_MEGABYTE: Final = 1 << 20
#: A compressed stream is unfolded to this at most.
MAX_INFLATED: Final = 4 * _MEGABYTE


class Work(StrEnum):
    """What is counted, as it stands in the reason of a verdict."""

    DECODED = "decoded bytes"
    LAYERS = "decoded layers"
    STREAMED = "bytes through decompression"
    STRUCTURES = "bytes of DER tried as keys and certificates"
    POINTS = "bytes tried as public points"
    MASKS = "places tried for XOR masks"
    KEYS = "sightings of keys"
    EXPONENTS = "units of RSA exponents tried"
    HITS = "hits of one window scan"
    INFLATED = "bytes unfolded from one stream"


#: Kind of work → allowance, and what each byte of the image adds to it. Honest dumps stay below a tenth
#: (tests/kitbench/forensics/decoding/test_work_budget.py); a limit costs the audit a few seconds at most on 16 MB.
_ALLOWANCES: Final[dict[Work, tuple[int, float]]] = {
    Work.DECODED: (12 * _MEGABYTE, 0.75),
    Work.LAYERS: (20_000, 1 / 1024),
    Work.STREAMED: (32 * _MEGABYTE, 2),
    Work.STRUCTURES: (32 * _MEGABYTE, 2),
    Work.POINTS: (250_000, 1 / 8),
    Work.MASKS: (20_000, 1 / 64),
    Work.KEYS: (5_000, 0),
    Work.EXPONENTS: (20_000, 0),
    Work.HITS: (4096, 0),
    Work.INFLATED: (MAX_INFLATED, 0),
}


class WorkExhaustedError(Exception):
    """A limit was reached; the budget keeps the line that says which."""


class WorkBudget:
    """The work of one examination.

    Attributes:
        spent: work done, by kind; of `HITS` and `INFLATED`, the most at once.
        limits: what may be done, by kind.
        exhausted: one line naming the first limit that was reached, and the layer; None while all is well.
    """

    def __init__(self, image_size: int) -> None:
        """Set the limits for an image of so many bytes."""
        self.spent: Counter[Work] = Counter()
        self.limits = {kind: base + int(share * image_size) for kind, (base, share) in _ALLOWANCES.items()}
        self.exhausted: str | None = None

    def spend(self, kind: Work, amount: int, layer: Layer | None) -> None:
        """Count work on a layer, None for all layers together.

        Raises:
            WorkExhaustedError: the limit is reached, by this work or earlier.
        """
        self.spent[kind] += amount
        if self.spent[kind] > self.limits[kind]:
            self._exhaust(kind, layer)
            raise WorkExhaustedError

    def note_most(self, kind: Work, count: int, layer: Layer | None = None) -> None:
        """Note what was met at once, of which no more than the limit is looked at: `HITS` or `INFLATED`."""
        self.spent[kind] = max(self.spent[kind], count)
        if count > self.limits[kind]:
            self._exhaust(kind, layer)

    def _exhaust(self, kind: Work, layer: Layer | None) -> None:
        where = "all layers" if layer is None else f"layer {'/'.join(layer.forms) or 'raw'}"
        self.exhausted = self.exhausted or f"more than {self.limits[kind]:,} {kind} in {where}: the rest was not tried"

    def to_json(self) -> dict[str, Any]:
        """Return work done and limit, by kind."""
        return {str(kind): {"done": self.spent[kind], "limit": limit} for kind, limit in self.limits.items()}
