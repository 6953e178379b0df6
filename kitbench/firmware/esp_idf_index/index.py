"""What ESP-IDF calls its own: looks a name up in the public API of the versions that are in use."""

import lzma
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path, PurePosixPath

from kitbench.firmware.esp_idf_index.kind import Kind
from kitbench.firmware.esp_idf_index.names_file import NAMES_FILE

#: What C code can name without a `.`, and a linker can look for.
IDENTIFIERS = (Kind.FUNCTION, Kind.TYPE, Kind.MACRO, Kind.ENUMERATOR, Kind.VARIABLE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a name is from.

    Attributes:
        kind: what the name is of.
        name: as it is written; of a field `type.path.to.field`.
        component: of ESP-IDF; ``"C library"`` for what the compiler brings.
        header: that declares it, as `#include` names it; "" for what stands in none.
        versions: that have it, oldest first, such as ``("4.4", "5.1")``.
    """

    kind: Kind
    name: str
    component: str
    header: str
    versions: tuple[str, ...]

    def is_of(self, generation: str) -> bool:
        """Whether a version of a generation, such as ``"5"``, has it."""
        return any(version.split(".")[0] == generation for version in self.versions)


class Index:
    """The names of the file: kept as text, since a build looks up a few of a hundred thousand."""

    def __init__(self, lines: Sequence[str]) -> None:
        """Take the file's lines."""
        self.versions = tuple(lines[0].split(" ")[1:])
        self._lines = lines[1:]

    def find(self, name: str, *kinds: Kind) -> tuple[Origin, ...]:
        """Return where a name is from, those of most versions first; empty where no ESP-IDF has it."""
        found = [origin for origin in self._containing(f" {name}") if origin.name == name and origin.kind in kinds]
        return tuple(sorted(found, key=lambda origin: (-len(origin.versions), len(origin.header))))

    def fields(self, type_name: str) -> tuple[Origin, ...]:
        """Return the fields of a structure."""
        return tuple(origin for origin in self._containing(f" {type_name}.") if origin.kind is Kind.FIELD)

    def has_field(self, name: str) -> bool:
        """Whether some structure of ESP-IDF has a field of this name, however deep."""
        ending = f".{name}"
        return any(one.endswith(ending) for _, line in self._rows(Kind.FIELD) for one in line.split(" ")[2:])

    def included_by(self, headers: Iterable[str], version: str) -> frozenset[str]:
        """Return these headers with all that they include in a version, one through the other."""
        waiting, seen = list(headers), set[str]()
        names, includes = self._headers, self._includes(version)
        while waiting:
            header = waiting.pop()
            if header not in seen:
                seen.add(header)
                waiting += [*names[header], *includes[header]]
        return frozenset(seen)

    def header_spelled(self, name: str) -> str:
        """Return the header that has a name when capitals are as good as small letters, "" for none."""
        return self._spellings.get(name.casefold(), "")

    @cached_property
    def _spellings(self) -> dict[str, str]:
        return {name.casefold(): name for name in self._headers}

    @cached_property
    def _headers(self) -> dict[str, list[str]]:
        """Each header's name → the names under which the index keeps it."""
        found: dict[str, list[str]] = defaultdict(list)
        for place, line in self._rows(Kind.HEADER):
            for name in line.split(" ")[2:]:
                found[name].append(place.split(" ")[1])
        return found

    def _includes(self, version: str) -> dict[str, list[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        bit = self.versions.index(version)
        for place, line in self._rows(Kind.INCLUDED):
            _, mask, *names = line.split(" ")
            if int(mask, 16) >> bit & 1:
                header = place.split(" ")[1]
                # In quotes, a header's own folder comes first.
                found[header] += [*names, *(str(PurePosixPath(header).parent / name) for name in names)]
        return found

    def _rows(self, kind: Kind) -> Iterator[tuple[str, str]]:
        place = ""
        for line in self._lines:
            if line.startswith("H "):
                place = line
            elif line.startswith(f"{kind} "):
                yield place, line

    def _containing(self, text: str) -> Iterator[Origin]:
        """Yield the names that begin as `text` does behind its blank."""
        place = ""
        for line in self._lines:
            if line.startswith("H "):
                place = line
            elif text in line:
                yield from self._origins(line, place, text.strip())

    def _origins(self, line: str, place: str, beginning: str) -> Iterator[Origin]:
        kind, mask, *names = line.split(" ")
        _, header, component = place.split(" ", 2)
        versions = tuple(version for bit, version in enumerate(self.versions) if int(mask, 16) >> bit & 1)
        for name in names:
            if name.startswith(beginning):
                yield Origin(Kind(kind), name, component, "" if header.endswith(":") else header, versions)


@cache
def esp_idf_index(path: Path = NAMES_FILE) -> Index:
    """Return the index that comes with kitbench: read once, and only when something is looked up."""
    return Index(lzma.decompress(path.read_bytes()).decode().splitlines())
