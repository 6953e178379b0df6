"""What each shim can see of a project's configuration: the symbols that its text names, or a header that it includes.

So it is compiled anew only for a project that sets one of these otherwise.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from kitbench.virtual_kit import esp_idf

_SYMBOL: Final = re.compile(r"\bCONFIG_([A-Za-z0-9_]+)")
_INCLUDED: Final = re.compile(r'^[ \t]*#[ \t]*include(?:_next)?[ \t]*[<"]([^">\n]+)[">]', re.MULTILINE)


@cache
def symbols_of(source: Path) -> frozenset[str]:
    """Return the symbols that a source and all that it includes of the stand-in's files name, in comments, too."""
    seen: set[Path] = set()
    waiting = [source]
    symbols: set[str] = set()
    while waiting:
        path = waiting.pop()
        if path not in seen:
            seen.add(path)
            own, included = _read(path)
            symbols |= own
            waiting += included
    return frozenset(symbols)


@cache
def _read(path: Path) -> tuple[frozenset[str], tuple[Path, ...]]:
    text = path.read_text("utf-8")
    names = frozenset(match[1] for match in _SYMBOL.finditer(text))
    return names, tuple(found for match in _INCLUDED.finditer(text) for found in _files(path.parent, match[1]))


def _files(folder: Path, name: str) -> Iterator[Path]:
    """Yield the files that an inclusion may mean; those of the C library name no symbol."""
    for place in (folder, esp_idf.include_dir()):
        path = place / name
        if path.is_file():
            yield path
