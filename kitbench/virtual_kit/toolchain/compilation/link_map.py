"""The linker's map: where each function and each piece of data is in the module.

Source: LLVM, lld/wasm/MapFile.cpp: columns Addr, Off, Size, then out, in and symbol names by indent. Off is the file
offset less the bytes of the section's header, which are counted in from the module itself.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final

_ROW: Final = re.compile(r"\s*(?P<address>-|[0-9a-f]+)\s+(?P<offset>[0-9a-f]+)\s+(?P<size>[0-9a-f]+) (?P<name>.*)")
_SYMBOL_INDENT: Final = 16
_INPUT_INDENT: Final = 8
_OUTPUT_INDENT: Final = 0
#: Magic and version of a module.
_MODULE_HEADER_SIZE: Final = 8


class SymbolKind(Enum):
    """What a symbol names."""

    FUNCTION = "function"
    DATA = "data"


#: Section numbers of the WebAssembly specification, 5.5.2.
_SECTIONS: Final = {10: SymbolKind.FUNCTION, 11: SymbolKind.DATA}


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol of the module; `offset` and `size` are bytes of the module's file."""

    name: str
    kind: SymbolKind
    offset: int
    size: int


@dataclass(frozen=True, slots=True)
class OwnBytes:
    """What the project's own data takes on the chip, too, whatever else is linked.

    Attributes:
        constants: bytes in flash, embedded files among them.
        variables: bytes in flash and in RAM, which have a value at the start.
        zeroed: bytes in RAM alone.
    """

    constants: int = 0
    variables: int = 0
    zeroed: int = 0

    @property
    def in_ram(self) -> int:
        """Bytes of RAM."""
        return self.variables + self.zeroed

    @property
    def in_flash(self) -> int:
        """Bytes of flash, without code."""
        return self.constants + self.variables


class LinkMapError(ValueError):
    """Map and module do not belong together."""


def parse(text: str, module: bytes) -> tuple[Symbol, ...]:
    """Return the symbols that have bytes in the module: functions and initialised data.

    Raises:
        LinkMapError: the module ends too early.
    """
    headers = _header_sizes(module)
    symbols: list[Symbol] = []
    section = ""
    for line in text.splitlines():
        match = _ROW.fullmatch(line)
        if match is None:
            continue
        indent = len(match["name"]) - len(match["name"].lstrip(" "))
        name = match["name"].strip()
        if indent == _OUTPUT_INDENT:
            section = name
        elif indent == _SYMBOL_INDENT and (kind := _kind(section, match["address"])):
            offset = int(match["offset"], 16) + headers[kind]
            symbols.append(_symbol(name, kind, offset, int(match["size"], 16), module))
    return tuple(symbols)


def own_bytes(text: str, objects: Collection[str]) -> OwnBytes:
    """Return what is the project's own in a map; `objects` are its objects' paths, as the linker was given them."""
    sizes = dict.fromkeys((".rodata", ".data", ".bss"), 0)
    section = ""
    for line in text.splitlines():
        match = _ROW.fullmatch(line)
        if match is None:
            continue
        indent = len(match["name"]) - len(match["name"].lstrip(" "))
        name = match["name"].strip()
        if indent == _OUTPUT_INDENT:
            section = next((known for known in sizes if name == known or name.startswith(f"{known}.")), "")
        elif section and indent == _INPUT_INDENT and name.partition(":(")[0] in objects:
            sizes[section] += int(match["size"], 16)
    return OwnBytes(sizes[".rodata"], sizes[".data"], sizes[".bss"])


def _symbol(name: str, kind: SymbolKind, offset: int, size: int, module: bytes) -> Symbol:
    if kind is SymbolKind.DATA:
        return Symbol(name, kind, offset, size)
    # A function's entry begins with the size of its body; an alias has the size of the whole entry, too.
    body_size, body = _unsigned(module, offset)
    return Symbol(name, kind, body, body_size)


def _header_sizes(module: bytes) -> dict[SymbolKind, int]:
    """Return the bytes of the headers of the code and the data section, 0 where there is none."""
    sizes = dict.fromkeys(SymbolKind, 0)
    position = _MODULE_HEADER_SIZE
    while position < len(module):
        size, body = _unsigned(module, position + 1)
        if kind := _SECTIONS.get(module[position]):
            sizes[kind] = body - position
        position = body + size
    return sizes


def _unsigned(data: bytes, position: int) -> tuple[int, int]:
    """Return an unsigned LEB128 number, and the position behind it."""
    value = shift = 0
    while position < len(data):
        byte = data[position]
        position += 1
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return value, position
    raise LinkMapError(f"the module ends within a number at 0x{position:x}")


def _kind(section: str, address: str) -> SymbolKind | None:
    if section == "CODE":
        return SymbolKind.FUNCTION
    # Zero-initialised data has an address and no bytes in the file.
    return SymbolKind.DATA if address != "-" and section.startswith((".rodata", ".data", ".tdata")) else None
