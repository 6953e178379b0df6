"""Which dumps of a class are alike, and where they differ: for a person to look at, never for points.

Kits are shared and many hand in the unchanged sample: much that is alike is normal. What is compared are digests of
sectors, so that no dump has to be kept, and what is erased is left out: it is alike in all.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any, Final

SECTOR: Final = 4096
_DIGEST_SIZE: Final = 16
_ERASED: Final = b"\xff" * SECTOR
#: Two dumps that share less of what is written are not listed.
LEAST_SHARE: Final = 0.9

#: For each sector of a flash a digest, empty where it is erased.
Sectors = Sequence[bytes]
#: Begin and end, bytes of the flash.
Stretch = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two dumps that are alike.

    Attributes:
        names: of the dumps, in order.
        share: of the sectors that are written in either, how many are the same, 0 to 1.
        differ: stretches in which they differ, whole sectors; empty for the same bytes.
    """

    names: tuple[str, str]
    share: float
    differ: tuple[Stretch, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the pair as JSON values."""
        return {"names": list(self.names), "share": round(self.share, 4), "differ": [list(one) for one in self.differ]}


def sectors_of(dump: bytes) -> Sectors:
    """Return what is compared of a dump."""
    return [_digest(dump[at : at + SECTOR]) for at in range(0, len(dump), SECTOR)]


def _digest(sector: bytes) -> bytes:
    return b"" if sector == _ERASED[: len(sector)] else hashlib.blake2b(sector, digest_size=_DIGEST_SIZE).digest()


def alike(dumps: Mapping[str, Sectors], *, least: float = LEAST_SHARE) -> Iterator[Likeness]:
    """Yield the pairs of dumps of which so much is the same, the most alike first; blank ones are like nothing."""
    pairs = (_compared(names, dumps[names[0]], dumps[names[1]]) for names in combinations(sorted(dumps), 2))
    yield from sorted((pair for pair in pairs if pair.share >= least), key=lambda pair: (-pair.share, pair.names))


def _compared(names: tuple[str, str], one: Sectors, other: Sectors) -> Likeness:
    size = max(len(one), len(other))
    pairs = [(_at(one, index), _at(other, index)) for index in range(size)]
    written = sum(a != b"" or b != b"" for a, b in pairs)
    same = sum(a == b != b"" for a, b in pairs)
    differ = [index for index, (a, b) in enumerate(pairs) if a != b]
    return Likeness(names, same / written if written else 0.0, tuple(_stretches(differ)))


def _at(sectors: Sectors, index: int) -> bytes:
    return sectors[index] if index < len(sectors) else b""


def _stretches(indexes: Sequence[int]) -> Iterator[Stretch]:
    """Yield the sectors as stretches, neighbours in one."""
    begin = end = -1
    for index in indexes:
        if index != end:
            if end > begin:
                yield begin * SECTOR, end * SECTOR
            begin = index
        end = index + 1
    if end > begin:
        yield begin * SECTOR, end * SECTOR
