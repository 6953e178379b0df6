"""The linker's map: where each function and each piece of data lies in the module.

Source: LLVM, lld/wasm/MapFile.cpp: columns Addr, Off (file offset), Size, then out, in and symbol names by indent.
"""

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final

_ROW: Final = re.compile(r"\s*(?P<address>-|[0-9a-f]+)\s+(?P<offset>[0-9a-f]+)\s+(?P<size>[0-9a-f]+) (?P<name>.*)")
_SYMBOL_INDENT: Final = 16
_OUTPUT_INDENT: Final = 0


class SymbolKind(Enum):
    """What a symbol names."""

    FUNCTION = "function"
    DATA = "data"


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol of the module; `offset` and `size` are bytes of the module's file."""

    name: str
    kind: SymbolKind
    offset: int
    size: int


def parse(text: str) -> tuple[Symbol, ...]:
    """Return the symbols that have bytes in the module: functions and initialised data."""
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
            symbols.append(Symbol(name, kind, int(match["offset"], 16), int(match["size"], 16)))
    return tuple(symbols)


def _kind(section: str, address: str) -> SymbolKind | None:
    if section == "CODE":
        return SymbolKind.FUNCTION
    # Zero-initialised data has an address and no bytes in the file.
    return SymbolKind.DATA if address != "-" and section.startswith((".rodata", ".data", ".tdata")) else None
