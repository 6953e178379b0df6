"""Which forms of a private key do we find, and which the tools beside us? By key type, form, place and image.

Usage: `benchmarks/forensics_matrix.py [--quick]`. Each image holds one key in each form at each place: across the
edge of a 64 KB block, in the first and in the last bytes of a sector (and so of a partition), across the edges of a
sector and of a page, and anywhere. A tool has found a plant when it points into it; whatever else it points at is a
false alarm, such as mbedTLS's bare PEM labels, which stand in every image. `*` is found in all places of all images, a
number in so many of them. "ends of the flash" are its very first and last bytes, form by form: only we are asked.
"""

import argparse
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from rich.console import Console
from rich.progress import Progress

from benchmarks.key_finders import Hits, peers
from kitbench.forensics.canaries.canary import Plant, is_seen
from kitbench.forensics.canaries.disguise import disguises, pem
from kitbench.forensics.canaries.storage_disguise import STORAGE_FORMS, partition_of
from kitbench.forensics.keys.examination import Stored, examine
from kitbench.forensics.keys.key_formats import PrivateKey
from kitbench.forensics.keys.target import Target, fingerprint
from kitbench.forensics.layout.storage import stored_values

BLOCK, SECTOR, PAGE = 0x10000, 0x1000, 0x100
#: Bytes between two plants, odd, so that "anywhere" is at no edge.
GAP = 101
OURS = "kitbench"
ENDS = "ends of the flash"
LABELS = b"".join(
    b"-----BEGIN %s-----\0-----END %s-----\0" % (label, label)
    for label in (b"RSA PRIVATE KEY", b"EC PRIVATE KEY", b"PRIVATE KEY", b"ENCRYPTED PRIVATE KEY", b"CERTIFICATE")
)
CLEAN_SIZE = 1 << 20
#: Room for all plants.
IMAGE_SIZE = 16 << 20


def background(name: str, size: int) -> bytes:
    """Return so many bytes as uneven as code, as noise, or erased, behind mbedTLS's labels."""
    chance = random.Random(5)
    if name == "code":
        weights = [1 + 200 // (1 + value) for value in range(256)]
        data = bytes(chance.choices(range(256), weights=weights, k=BLOCK)) * (1 + size // BLOCK)
    else:
        data = chance.randbytes(size) if name == "noise" else b"\xff" * size
    return LABELS + data[len(LABELS) : size]


def next_edge(offset: int, unit: int) -> int:
    """Return the first multiple of the unit from an offset on."""
    return -(-offset // unit) * unit


def places(begin: int, size: int) -> Iterator[int]:
    """Yield where a plant of so many bytes stands, from an offset on, one behind the other."""
    half = size // 2
    at = next_edge(begin + half, BLOCK) - half
    yield at
    at = next_edge(at + size + GAP, SECTOR)
    yield at
    at = next_edge(at + size + GAP + size, SECTOR) - size
    yield at
    at = next_edge(at + size + GAP + half, SECTOR) - half
    yield at
    at = next_edge(at + size + GAP + half, PAGE) - half
    yield at
    yield at + size + GAP


@dataclass(frozen=True)
class Image:
    """Bytes with keys in them, and what the readers of its partitions say."""

    data: bytes
    plants: tuple[Plant, ...]
    stored: tuple[Stored, ...]


def planted(name: str, key: PrivateKey) -> Image:
    """Return a background with a key in each form at each place; partitions stand at sector edges only."""
    public = fingerprint(key.public_key())
    image = bytearray(background(name, IMAGE_SIZE))
    plants, stored = [], []
    end = SECTOR  # behind the labels
    for form, body in disguises(key).items():
        for begin in places(end + GAP, len(body)):
            end = begin + len(body)
            image[begin:end] = body
            plants.append(Plant(form, begin, end, public))
    for form in STORAGE_FORMS:
        partition, data = partition_of(form, b"#" * 100 + pem(key), next_edge(end, SECTOR))
        end = partition.end
        image[partition.offset : end] = data
        plants.append(Plant(form, partition.offset, end, public, form.split("_", 1)[0] + "/"))
        stored += [(value.storage, value.pieces) for value in stored_values(partition, data)]
    return Image(bytes(image[: next_edge(end, BLOCK)]), tuple(plants), tuple(stored))


def at_the_ends(key: PrivateKey) -> Iterator[Image]:
    """Yield small images with one form in the first or in the last bytes, and little else."""
    public = fingerprint(key.public_key())
    rest = background("code", SECTOR)
    for form, body in disguises(key).items():
        yield Image(body + rest, (Plant(f"{form} first", 0, len(body), public),), ())
        yield Image(rest + body, (Plant(f"{form} last", len(rest), len(rest) + len(body), public),), ())


def ours(image: Image, key: PrivateKey) -> tuple[set[int], int]:
    """Return which plants we see, and how many sightings are outside all of them."""
    seen = examine(image.data, [Target(key.public_key(), "given")], stored=image.stored)
    found = {index for index, plant in enumerate(image.plants) if is_seen(plant, seen)}
    return found, len(outside(image, [sighting.hull for sighting in seen.sightings]))


def outside(image: Image, hits: Hits) -> Hits:
    """Return the hits that touch no plant."""
    return [hit for hit in hits if not any(touches(plant, hit) for plant in image.plants)]


def touches(plant: Plant, hit: tuple[int, int]) -> bool:
    """Whether a hit is in a plant, at least in part."""
    return hit[0] < plant.end and plant.begin < hit[1]


class Matrix:
    """What each tool found."""

    def __init__(self, folder: Path) -> None:
        """Ask the tools that are here; images go to a file in `folder`."""
        self._path = folder / "image.bin"
        self._peers = peers()
        self.tools = [OURS, *self._peers]
        self.cases: Counter[tuple[str, str]] = Counter()
        self.found: Counter[tuple[str, str, str]] = Counter()
        self.alarms: Counter[str] = Counter()
        self.missed: list[str] = []

    def judge(self, kind: str, name: str, key: PrivateKey, image: Image) -> None:
        """Let every tool search an image."""
        found, alarms = ours(image, key)
        self.alarms[OURS] += alarms
        self._path.write_bytes(image.data)
        hits = {tool: find(self._path, key) for tool, find in self._peers.items()}
        for tool, places_of in hits.items():
            self.alarms[tool] += len(outside(image, places_of))
        for index, plant in enumerate(image.plants):
            self.cases[kind, plant.form] += 1
            self.found[kind, plant.form, OURS] += index in found
            if index not in found:
                self.missed.append(f"{kind} {plant.form} at {plant.begin:#x} of {name}")
            for tool, places_of in hits.items():
                self.found[kind, plant.form, tool] += any(touches(plant, hit) for hit in places_of)

    def judge_end(self, kind: str, key: PrivateKey, image: Image) -> None:
        """Let our tool search an image with one plant in its first or last bytes."""
        found, alarms = ours(image, key)
        self.alarms[OURS] += alarms
        self.cases[kind, ENDS] += 1
        self.found[kind, ENDS, OURS] += len(found)
        if not found:
            self.missed.append(f"{kind} {image.plants[0].form}")

    def rows(self) -> Iterator[str]:
        """Yield the table, line by line."""
        yield f"{'key':11}{'form':24}" + "".join(f"{tool:>14}" for tool in self.tools)
        for (kind, form), of in self.cases.items():
            marks = [self._mark(self.found[kind, form, tool], of, is_asked=form != ENDS or tool == OURS)
                     for tool in self.tools]  # fmt: skip
            yield f"{kind:11}{form:24}" + "".join(f"{mark:>14}" for mark in marks)
        totals = Counter(dict.fromkeys(self.tools, 0))
        for (_, form, tool), count in self.found.items():
            totals[tool] += count * (form != ENDS)
        of = sum(count for (_, form), count in self.cases.items() if form != ENDS)
        yield f"{'':11}{f'found of {of:,}':24}" + "".join(f"{totals[tool]:>14,}" for tool in self.tools)
        yield f"{'':11}{'false alarms':24}" + "".join(f"{self.alarms[tool]:>14,}" for tool in self.tools)

    @staticmethod
    def _mark(count: int, of: int, *, is_asked: bool) -> str:
        if not is_asked:
            return ""
        return "*" if count == of else str(count) if count else "-"


def keys(*, is_quick: bool) -> dict[str, PrivateKey]:
    """Return new keys by type."""
    few: dict[str, PrivateKey] = {
        "EC P-256": ec.generate_private_key(ec.SECP256R1()),
        "RSA-2048": rsa.generate_private_key(65537, 2048),
    }
    if is_quick:
        return few
    more: dict[str, PrivateKey] = {"EC P-384": ec.generate_private_key(ec.SECP384R1())}
    return few | more | {f"RSA-{bits}": rsa.generate_private_key(65537, bits) for bits in (3072, 4096)}


def main() -> int:
    """Print the matrix; the status is 1 when we miss a plant or raise a false alarm."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one kind of image, two types of keys")
    is_quick = parser.parse_args().quick
    kinds = keys(is_quick=is_quick)
    backgrounds = ("code",) if is_quick else ("code", "noise", "erased")
    ends = {kind: list(at_the_ends(key)) for kind, key in kinds.items()}
    steps = len(kinds) * 2 * len(backgrounds) + sum(map(len, ends.values()))
    with tempfile.TemporaryDirectory() as folder, Progress(console=Console(stderr=True)) as progress:
        matrix = Matrix(Path(folder))
        task = progress.add_task("images", total=steps)
        for kind, key in kinds.items():
            for name in backgrounds:
                matrix.judge(kind, name, key, planted(name, key))
                progress.advance(task)
                matrix.judge(kind, name, key, Image(background(name, CLEAN_SIZE), (), ()))
                progress.advance(task)
            for image in ends[kind]:
                matrix.judge_end(kind, key, image)
                progress.advance(task)
    print("\n".join(matrix.rows()))
    print("\n".join(f"missed: {line}" for line in matrix.missed))
    return int(bool(matrix.missed) or matrix.alarms[OURS] > 0)


if __name__ == "__main__":
    sys.exit(main())
