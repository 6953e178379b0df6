"""What the compiler and the linker print, taken apart: pure, and every text is somebody else's."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_LINE: Final = re.compile(
    r"^(?P<file>[^\n:]+):(?P<line>\d+):\d+: (?:fatal )?(?P<kind>error|note): (?P<text>[^\n]*)"
    r"(?:\n *\d+ \| (?P<code>[^\n]*))?",
    re.MULTILINE,
)
_ANY_ERROR: Final = re.compile(r"(?:error|ERROR): (?P<text>.*)")
_CONTROL: Final = re.compile(r"[^\x20-\x7e\u00a0-\uffff]")
_MAX_TEXT: Final = 240


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One error of the compiler.

    Attributes:
        file: as it was printed.
        code: the line of the source, "" where it was not shown.
        note_files: where the notes behind it point to.
    """

    file: str
    line: int
    text: str
    code: str = ""
    note_files: list[str] = field(default_factory=list)


def diagnostics(output: str) -> list[Diagnostic]:
    """Return the errors that have a place in a file, in order."""
    found: list[Diagnostic] = []
    for match in _LINE.finditer(output):
        if match["kind"] == "error":
            found.append(Diagnostic(match["file"], int(match["line"]), match["text"], match["code"] or ""))
        elif found:
            found[-1].note_files.append(match["file"])
    return found


def first_error(output: str) -> str:
    """Return the text of the first error, whatever it stands in; "" where there is none."""
    match = _ANY_ERROR.search(output)
    return clean(match["text"]) if match else ""


def shown(file: str, roots: tuple[Path, ...]) -> str:
    """Return a file's name without the folder that it is in."""
    for root in roots:
        if file.startswith(f"{root}/"):
            return clean(file[len(str(root)) + 1 :])
    return clean(file.removeprefix("./"))


def clean(text: str) -> str:
    """Return one printable line of bounded length."""
    return _CONTROL.sub("?", text.strip())[:_MAX_TEXT]


def undefined_symbols(output: str) -> Iterator[tuple[str, str]]:
    """Yield object file and name of each symbol that the linker misses."""
    for match in re.finditer(r"wasm-ld: error: (?P<object>[^\n]+?): undefined symbol: (?P<name>\S+)", output):
        yield match["object"], clean(match["name"])
