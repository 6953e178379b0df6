"""The ELF file beside an app: no code, only names for the pseudo addresses of functions and data.

Addresses are those of the app image: functions at 0x400d0000 + offset in the module, data where flash shows it.
Source: TIS ELF specification 1.2; e_machine 94 is Xtensa.
"""

import hashlib
import struct
from collections.abc import Sequence
from typing import Final

from kitbench.virtual_kit.app_module import IROM_BASE, address_of_module_offset, pseudo_program_counter
from kitbench.virtual_kit.toolchain.compilation.link_map import Symbol, SymbolKind

_HEADER: Final = struct.Struct("<16sHHIIIIIHHHHHH")
_SECTION: Final = struct.Struct("<10I")
_SYMBOL: Final = struct.Struct("<IIIBBH")
_IDENT: Final = b"\x7fELF\x01\x01\x01".ljust(16, b"\0")  # 32 bits, little endian, version 1
_ET_EXEC, _EM_XTENSA = 2, 94
_SHT_PROGBITS, _SHT_SYMTAB, _SHT_STRTAB, _SHT_NOBITS, _SHT_NOTE = 1, 2, 3, 8, 7
_SHF_ALLOC, _SHF_EXECINSTR = 2, 4
_STB_GLOBAL: Final = 1 << 4
_STT: Final = {SymbolKind.DATA: 1, SymbolKind.FUNCTION: 2}
_TEXT_INDEX, _RODATA_INDEX = 1, 2


class _Strings:
    """A string table; offset 0 is the empty name."""

    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, name: str) -> int:
        offset = len(self.data)
        self.data += name.encode() + b"\0"
        return offset


def symbol_address(symbol: Symbol) -> int:
    """Return the address that the symbol has in the app."""
    if symbol.kind is SymbolKind.FUNCTION:
        return pseudo_program_counter(symbol.offset)
    return address_of_module_offset(symbol.offset)


def write(symbols: Sequence[Symbol], *, module: bytes) -> bytes:
    """Return the ELF file.

    Args:
        symbols: functions and data with their place in the module.
        module: its hash goes into a note, so that apps that differ in data alone have different ELF files.
    """
    names, strings = _Strings(), _Strings()
    table = _SYMBOL.pack(0, 0, 0, 0, 0, 0) + b"".join(_entry(symbol, strings) for symbol in symbols)
    note = struct.pack("<III8s", 8, 32, 1, b"kitbnch\0") + hashlib.sha256(module).digest()
    text = (names.add(".flash.text"), _SHT_NOBITS, _SHF_ALLOC | _SHF_EXECINSTR, IROM_BASE, b"", len(module), 0, 0)
    rodata = (names.add(".flash.rodata"), _SHT_NOBITS, _SHF_ALLOC, address_of_module_offset(0), b"", len(module), 0, 0)
    sections = [
        text,
        rodata,
        (names.add(".note.kitbench"), _SHT_NOTE, 0, 0, note, len(note), 0, 0),
        # sh_link: the string table's index; sh_info: the first global symbol.
        (names.add(".symtab"), _SHT_SYMTAB, 0, 0, table, len(table), 5, 1),
        (names.add(".strtab"), _SHT_STRTAB, 0, 0, strings.data, len(strings.data), 0, 0),
    ]
    shstrtab = names.add(".shstrtab")
    sections.append((shstrtab, _SHT_STRTAB, 0, 0, names.data, len(names.data), 0, 0))
    return _assembled(sections)


def _entry(symbol: Symbol, strings: _Strings) -> bytes:
    section = _TEXT_INDEX if symbol.kind is SymbolKind.FUNCTION else _RODATA_INDEX
    info = _STB_GLOBAL | _STT[symbol.kind]
    return _SYMBOL.pack(strings.add(symbol.name), symbol_address(symbol), symbol.size, info, 0, section)


def _assembled(sections: Sequence[tuple[int, int, int, int, bytes, int, int, int]]) -> bytes:
    body, headers = b"", _SECTION.pack(*[0] * 10)
    for name, kind, flags, address, data, size, link, info in sections:
        offset = _HEADER.size + len(body)
        entry_size = _SYMBOL.size if kind == _SHT_SYMTAB else 0
        headers += _SECTION.pack(name, kind, flags, address, offset, size, link, info, 4, entry_size)
        body += data + bytes(-len(data) % 4)
    header = _HEADER.pack(
        _IDENT, _ET_EXEC, _EM_XTENSA, 1, IROM_BASE, 0, _HEADER.size + len(body), 0,
        _HEADER.size, 0, 0, _SECTION.size, len(sections) + 1, len(sections),
    )  # fmt: skip
    return header + body + headers
