"""Variables that several files define without a value, as a header makes them: GCC up to 9 takes them for one.

ESP-IDF 4.4 compiles by GCC 8.4, whose default is `-fcommon`; GCC 10 changed that. WebAssembly has no common symbols:
such a definition is marked weak in its object, so that the linker takes one of them, or the one that has a value.
Source: WebAssembly tool conventions, Linking.md: the custom section "linking", WASM_SEGMENT_INFO and WASM_SYMBOL_TABLE.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import GapError

_HEADER_SIZE: Final = 8
_CUSTOM: Final = 0
_SEGMENT_INFO: Final = 5
_SYMBOL_TABLE: Final = 8
_DATA: Final = 1
_SECTION: Final = 3
_WEAK: Final = 0x01
_LOCAL: Final = 0x02
_UNDEFINED: Final = 0x10
_EXPLICIT_NAME: Final = 0x40
_ZEROED: Final = ".bss"


@dataclass(frozen=True, slots=True)
class Definition:
    """A strong definition of a variable.

    Attributes:
        flags_at: where the symbol's flags begin in the object's file.
        is_zeroed: it has no value at the start.
    """

    name: str
    size: int
    flags_at: int
    is_zeroed: bool


def merge_tentative(objects: Sequence[Path]) -> None:
    """Mark as weak, in the objects' files, what several of them define without a value.

    Raises:
        GapError: two definitions of one variable differ in size, of which GCC takes the larger one.
    """
    contents = {path: path.read_bytes() for path in objects}
    by_name: defaultdict[str, list[tuple[Path, Definition]]] = defaultdict(list)
    for path, content in contents.items():
        for found in definitions(content):
            by_name[found.name].append((path, found))
    changed: defaultdict[Path, set[int]] = defaultdict(set)
    for name, places in by_name.items():
        if len(places) < 2 or not any(found.is_zeroed for _, found in places):
            continue
        if len({found.size for _, found in places}) > 1:
            raise GapError(f"definitions of {name} without a value that differ in size")
        for path, found in places:
            if found.is_zeroed:
                changed[path].add(found.flags_at)
    for path, places_of_flags in changed.items():
        marked = bytearray(contents[path])
        for at in places_of_flags:
            marked[at] |= _WEAK
        path.write_bytes(marked)


def definitions(content: bytes) -> Iterator[Definition]:
    """Yield the strong definitions of variables in an object of the toolchain's own making."""
    parts = dict(_linking(content))
    if _SYMBOL_TABLE in parts and (segments := parts.get(_SEGMENT_INFO)):
        zeroed = [_is_zeroed_segment(segments) for _ in range(segments.number())]
        yield from _symbols(parts[_SYMBOL_TABLE], zeroed)


def _symbols(reader: "_Reader", zeroed: Sequence[bool]) -> Iterator[Definition]:
    for _ in range(reader.number()):
        kind, flags_at = reader.number(), reader.at
        flags = reader.number()
        if kind == _SECTION:
            reader.number()
        elif kind != _DATA:
            reader.number()
            if not flags & _UNDEFINED or flags & _EXPLICIT_NAME:
                reader.name()
        else:
            name = reader.name()
            if not flags & _UNDEFINED:
                segment, _offset, size = reader.number(), reader.number(), reader.number()
                if not flags & (_WEAK | _LOCAL):
                    yield Definition(name, size, flags_at, is_zeroed=zeroed[segment])


def _is_zeroed_segment(reader: "_Reader") -> bool:
    name = reader.name()
    reader.number()
    reader.number()
    return name == _ZEROED or name.startswith(f"{_ZEROED}.")


def _linking(content: bytes) -> Iterator[tuple[int, "_Reader"]]:
    """Yield the parts of the section "linking", each by its kind."""
    sections = _Reader(content, _HEADER_SIZE)
    while sections.at < len(content):
        kind, section = sections.number(), sections.part()
        if kind == _CUSTOM and section.name() == "linking":
            section.number()  # the version
            while section.at < section.end:
                yield section.number(), section.part()


class _Reader:
    """Reads numbers and names from a stretch of bytes; `at` is a place in the whole of them."""

    def __init__(self, content: bytes, at: int, end: int | None = None) -> None:
        self._content = content
        self.at = at
        self.end = len(content) if end is None else end

    def number(self) -> int:
        """Read an unsigned LEB128 number."""
        value = shift = 0
        while True:
            byte = self._content[self.at]
            self.at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                return value

    def name(self) -> str:
        """Read a text behind its length."""
        length = self.number()
        self.at += length
        return self._content[self.at - length : self.at].decode()

    def part(self) -> "_Reader":
        """Read what stands behind its length."""
        length = self.number()
        self.at += length
        return _Reader(self._content, self.at - length, self.at)
