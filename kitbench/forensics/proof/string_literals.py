"""The string literals of C sources, with the log level below which the compiler leaves them out.

Sources are a student's: they are read within limits, and every pattern takes time in proportion to its text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

SUFFIXES: Final = frozenset({".c", ".h", ".cc", ".cpp", ".cxx", ".hpp", ".ino"})
_LEFT_OUT: Final = frozenset({"build", "managed_components", "test", "tests", "cmake-build-debug"})
LARGEST_SOURCE: Final = 1 << 20
MOST_SOURCES: Final = 500
_MOST_BYTES: Final = 16 << 20
#: Log levels of ESP-IDF, from what is compiled in first to what is compiled in last.
LEVELS: Final = "EWIDV"

_TOKEN: Final = re.compile(
    # Each alternative that begins also ends, at the latest with the text: none is tried again from its next sign.
    rb"//[^\n]*"
    rb"|/\*.*?(?:\*/|\Z)"
    rb"|^[ \t]*#[ \t]*(?:include|error|warning|pragma|if|elif)[^\n]*"
    rb"|'(?:\\.|[^'\\\n]){0,8}'"
    rb"|\bESP_(?:EARLY_|DRAM_)?LOG(?P<level>[EWIDV])\b"
    rb"|\b(?P<never>(?:_S|s)tatic_assert|asm|__asm__)\b"
    rb"|\"(?P<text>(?:\\.|[^\"\\\n])*+)(?P<end>\"?)"
    rb"|;",
    re.DOTALL | re.MULTILINE,
)
_ESCAPE: Final = re.compile(rb"\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))", re.DOTALL)
_NAMED: Final = {
    b"n": b"\n",
    b"t": b"\t",
    b"r": b"\r",
    b"a": b"\a",
    b"b": b"\b",
    b"f": b"\f",
    b"v": b"\v",
    b"e": b"\x1b",
}


@dataclass(frozen=True, slots=True)
class StringLiteral:
    """A literal as the compiler sees it; `level` is a letter of `LEVELS` where a log macro prints it, else ""."""

    text: bytes
    level: str = ""


def literals_of(source: bytes) -> Iterator[StringLiteral]:
    """Yield the literals of a source; those of static assertions and assembler names never reach an image."""
    level, never = "", False
    for token in _TOKEN.finditer(source):
        if token["level"]:
            level = token["level"].decode()
        elif token["never"]:
            never = True
        elif token[0] == b";":
            level, never = "", False
        elif token["end"] and not never:
            yield StringLiteral(_ESCAPE.sub(_byte, token["text"]), level)


def _byte(escape: re.Match[bytes]) -> bytes:
    if escape[1] or escape[2]:
        return bytes([int(escape[1] or escape[2], 16 if escape[1] else 8) & 0xFF])
    return _NAMED.get(escape[3], escape[3])


def sources_of(project: Path) -> Iterator[bytes]:
    """Yield the sources that a project compiles into its own component: those of main/, else of all folders."""
    own = project / "main" if (project / "main").is_dir() else project
    room = _MOST_BYTES
    count = 0
    for path in sorted(own.rglob("*")):
        if path.suffix.lower() not in SUFFIXES or _LEFT_OUT & set(path.relative_to(project).parts[:-1]):
            continue
        if not path.is_file() or path.is_symlink() or path.stat().st_size > min(LARGEST_SOURCE, room):
            continue
        count += 1
        if count > MOST_SOURCES:
            return
        room -= path.stat().st_size
        yield path.read_bytes()
