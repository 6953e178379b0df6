"""What a project says of itself that decides whose fault a refusal is: its ESP-IDF, what it brings, what it misses."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Final

from kitbench.firmware.esp_idf_index.c_header import includes_in

#: Where a project says which ESP-IDF made it; the version is the first group.
_VERSIONS: Final = (
    ("sdkconfig", re.compile(r"\(ESP-IDF\) (\d+\.\d+)")),
    ("sdkconfig", re.compile(r'^CONFIG_IDF_INIT_VERSION="v?(\d+\.\d+)', re.MULTILINE)),
    ("sdkconfig.defaults", re.compile(r"\(ESP-IDF\) (\d+\.\d+)")),
    ("dependencies.lock", re.compile(r"\bidf:[ \t]*\n(?:[ \t][^\n]*\n){0,12}?[ \t]+version: '?(\d+\.\d+)")),
)
_MANIFEST: Final = "idf_component.yml"
_DEPENDENCY: Final = re.compile(r"^(?P<indent> +)(?P<name>[\w-]+(?:/[\w-]+)?):", re.MULTILINE)
_SOURCES: Final = ("*.c", "*.h")
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class ProjectFacts:
    """A private copy of a project.

    Attributes:
        root: the copy.
        stood_for: managed components that the stand-in has.
    """

    root: Path
    stood_for: frozenset[str] = frozenset()

    @cached_property
    def generation(self) -> str:
        """The major version of ESP-IDF that the project says it is for, "" where it does not say."""
        for name, pattern in _VERSIONS:
            if found := pattern.search(_text(self.root / name)):
                return found[1].split(".")[0]
        return ""

    def has_type(self, name: str) -> bool:
        """Whether the project itself declares a type."""
        word = re.escape(name)
        declared = re.compile(
            rf"\b(?:struct|union|enum)\s+{word}\s*\{{|\}}\s*{word}\s*[;,]|\btypedef\b[^;{{}}]{{0,300}}\b{word}\s*;"
        )
        files = (path for pattern in _SOURCES for path in self.root.rglob(pattern))
        return any(name in (text := _text(path)) and declared.search(text) for path in files)

    @cached_property
    def unfetched(self) -> str:
        """A managed component that the project asks for and does not bring, as `namespace/name`; "" for none."""
        return next((name for name in self._dependencies() if not self._is_there(name)), "")

    def headers_of(self, source: Path, folders: Iterable[Path]) -> frozenset[str]:
        """Return the headers that a source file includes, its project's own read, too, as `#include` names them."""
        places, waiting, seen = tuple(folders), [source], {source}
        found: set[str] = set()
        while waiting:
            path = waiting.pop()
            for name in includes_in(_text(path)):
                found.add(name)
                own = next((folder / name for folder in (path.parent, *places) if (folder / name).is_file()), None)
                if own is not None and own not in seen:
                    seen.add(own)
                    waiting.append(own)
        return frozenset(found)

    def _dependencies(self) -> Iterator[str]:
        for manifest in sorted(self.root.rglob(_MANIFEST)):
            _, _, below = f"\n{_text(manifest)}".partition("\ndependencies:")
            rows = list(_DEPENDENCY.finditer(below.split("\n\n\n")[0]))
            outermost = min((len(row["indent"]) for row in rows), default=0)
            for row in rows:
                name = row["name"] if "/" in row["name"] else f"espressif/{row['name']}"
                if len(row["indent"]) == outermost and row["name"] != "idf":
                    yield name

    def _is_there(self, name: str) -> bool:
        folder, short = name.replace("/", "__"), name.rpartition("/")[2]
        places = (f"managed_components/{folder}", f"components/{folder}", f"components/{short}")
        return folder in self.stood_for or any((self.root / place).is_dir() for place in places)


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
