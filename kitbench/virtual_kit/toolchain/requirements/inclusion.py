"""Which file includes which header, as the compiler's `-H` lists it, and where a text says so."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

#: What the compiler is asked for beside its flags: each inclusion, those of a header once more among them.
FLAGS: Final = ("-H", "-Xclang", "-fshow-skipped-includes", "-fsyntax-only", "-w")
_ENTRY: Final = re.compile(r"^(?P<depth>\.+) (?P<path>/[^\n]+)$", re.MULTILINE)
_INCLUDE: Final = re.compile(r"[ \t]*#[ \t]*include[ \t]*[<\"]([^>\"\n ]+)[>\"]")


def inclusions(listing: str, source: Path) -> Iterator[tuple[Path, Path]]:
    """Yield includer and included file of each entry of a listing; pure."""
    above = [source]
    for match in _ENTRY.finditer(listing):
        depth = len(match["depth"])
        del above[depth:]
        above.append(Path(match["path"]))
        yield above[-2], above[-1]


def lines_of_includes(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number of each line that includes a header, with its name; what `#if` leaves out among them."""
    for number, line in enumerate(text.splitlines(), 1):
        if match := _INCLUDE.match(line):
            yield number, match[1]
