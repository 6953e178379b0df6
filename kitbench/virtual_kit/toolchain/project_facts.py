"""What a project says of itself that decides whose fault a refusal is: its ESP-IDF and its chip."""

import re
from collections.abc import Iterable
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
#: What helps where a name of ESP-IDF 4 is used, and the project does not say that it is for that.
OF_ESP_IDF_4: Final = "build it with --idf 4.4, or use what came after"
_CHIP: Final = re.compile(r'^CONFIG_IDF_TARGET="(\w{1,40})"', re.MULTILINE)
_SOURCES: Final = ("*.c", "*.cpp", "*.cc", "*.h", "*.hpp")
_MOST_BYTES: Final = 1 << 20


@dataclass(frozen=True)
class ProjectFacts:
    """A private copy of a project.

    Attributes:
        root: the copy.
        sdkconfig: the name of its sdkconfig.
        idf_version: of PlatformIO's platform, such as `4.4`; "" where nothing says it.
        decided: the major version that it is built as; "" before that is known.
    """

    root: Path
    sdkconfig: str = "sdkconfig"
    idf_version: str = ""
    decided: str = ""

    @cached_property
    def generation(self) -> str:
        """The major version of ESP-IDF that the project is built as, or says it is for; "" where it does not say."""
        if self.decided:
            return self.decided
        for name, pattern in _VERSIONS:
            if found := pattern.search(_text(self.root / (self.sdkconfig if name == "sdkconfig" else name))):
                return found[1].split(".")[0]
        return self.idf_version.split(".")[0]

    @cached_property
    def chip(self) -> str:
        """The chip that the project is for, "" where it does not say."""
        found = (_CHIP.search(_text(self.root / name)) for name in (self.sdkconfig, "sdkconfig.defaults"))
        return next((match[1] for match in found if match), "")

    def has_type(self, name: str) -> bool:
        """Whether the project itself declares a type."""
        word = re.escape(name)
        declared = re.compile(
            rf"\b(?:struct|union|enum)\s+{word}\s*\{{|\}}\s*{word}\s*[;,]|\btypedef\b[^;{{}}]{{0,300}}\b{word}\s*;"
        )
        files = (path for pattern in _SOURCES for path in self.root.rglob(pattern))
        return any(name in (text := _text(path)) and declared.search(text) for path in files)

    def header_spelled(self, name: str) -> str:
        """Return the project's header that has a name when capitals are as good as small letters, "" for none."""
        wanted = f"/{name}".casefold()
        headers = (path.relative_to(self.root).as_posix() for path in self.root.rglob("*.[hH]"))
        return next((header for header in sorted(headers) if f"/{header}".casefold().endswith(wanted)), "")

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


def _text(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES).decode("utf-8", "replace")
    except OSError:
        return ""
