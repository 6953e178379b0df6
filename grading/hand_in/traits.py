"""What tells one hand-in from another: digests of its images and fingerprints of its sources; no secret among them.

Made in the confined process that reads a hand-in (`reading_child`).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kitbench.flash_format import app_image, partition_table
from kitbench.forensics.sameness import sectors_of

from ..variant import Variant
from .source_prints import source_prints

_SUFFIXES: Final = frozenset({".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".ino"})
#: Folders whose code is not the student's.
_FOREIGN: Final = frozenset({"build", "managed_components", "esp-aws-iot", ".git", ".pio", "test", "tests"})
_LARGEST_SOURCE: Final = 256 << 10
_MOST_SOURCES: Final = 200
#: The smallest are kept: the same choice everywhere, so that shares of what is common stay true.
_MOST_PRINTS: Final = 3000
_TABLE_PLACES: Final = (0x8000, 0x9000, 0xA000, 0x10000)


@dataclass(frozen=True, slots=True)
class Traits:
    """Of one hand-in.

    Attributes:
        prints: fingerprints of its own sources, sorted.
        images: by dump, SHA-256 of each app image in it.
        sectors: by dump, a digest in hex of each sector of 4 KB, "" where it is erased.
    """

    prints: tuple[str, ...] = ()
    images: Mapping[Variant, tuple[str, ...]] = field(default_factory=dict)
    sectors: Mapping[Variant, tuple[str, ...]] = field(default_factory=dict)


def read_traits(projects: Iterable[Path], dumps: Mapping[Variant, Path]) -> Traits:
    """Return the traits of project folders and dumps; what cannot be read has none."""
    prints = frozenset[str]().union(*(project_prints(project) for project in projects))
    contents = {variant: path.read_bytes() for variant, path in dumps.items()}
    return Traits(
        tuple(sorted(prints)[:_MOST_PRINTS]),
        {variant: tuple(_images(dump)) for variant, dump in contents.items()},
        {variant: tuple(digest.hex() for digest in sectors_of(dump)) for variant, dump in contents.items()},
    )


def project_prints(project: Path) -> frozenset[str]:
    """Return the fingerprints of a project's own sources."""
    texts = (path.read_bytes()[:_LARGEST_SOURCE].decode("utf-8", "replace") for path in _sources(project))
    return frozenset[str]().union(*map(source_prints, texts))


def _sources(project: Path) -> Iterator[Path]:
    paths = (path for path in sorted(project.rglob("*")) if path.suffix.lower() in _SUFFIXES)
    own = (path for path in paths if not _FOREIGN & set(path.relative_to(project).parts))
    for _, path in zip(range(_MOST_SOURCES), own, strict=False):
        if path.is_file() and not path.is_symlink():
            yield path


def _images(dump: bytes) -> Iterator[str]:
    for partition in _apps(dump):
        try:
            image = app_image.parse(dump[partition.offset : partition.end])
        except ValueError:
            continue
        yield hashlib.sha256(dump[partition.offset : partition.offset + image.size]).hexdigest()


def _apps(dump: bytes) -> tuple[partition_table.Partition, ...]:
    for place in _TABLE_PLACES:
        try:
            apps = partition_table.parse(dump[place : place + partition_table.TABLE_SIZE]).apps
        except ValueError:
            continue
        if apps:
            return apps
    return ()
