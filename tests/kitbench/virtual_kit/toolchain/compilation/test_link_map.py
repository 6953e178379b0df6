"""The linker's map."""

import pytest

from kitbench.virtual_kit.toolchain.compilation.link_map import LinkMapError, Symbol, SymbolKind, parse

#: Rows of a map that `wasm-ld --Map` of LLVM 22 wrote.
MAP = """\
    Addr      Off     Size Out     In      Symbol
       -      119     4527 CODE
       -      19c       24         crt1-reactor.o:(_initialize)
       -      19c       24                 _initialize
       -     4565      90d DATA
    8010     456c      900 .rodata
    8010     456f        a         e.o:(.rodata.embedded.private_pem_key)
    8010     456f        6                 _binary_private_pem_key_start
    8016     4575        4                 _binary_private_pem_key_end
    9000     5000      100 .bss
    9000     5000      100                 zeros
       -     4e72      282 CUSTOM(name)
"""


def make_module() -> bytes:
    """A module whose code section begins at 0x119 with a header of 4 bytes, and whose data section has one of 3."""
    custom = b"\0" + unsigned(0x119 - 8 - 3) + bytes(0x119 - 8 - 3)
    code = b"\x0a" + unsigned(0x4565 - 0x119 - 4)
    body = bytearray(0x4565 - 0x119 - 4)
    body[0x19C - 0x119] = 0x23
    data = b"\x0b" + unsigned(0x90A) + bytes(0x90A)
    return b"\0asm\1\0\0\0" + custom + code + bytes(body) + data


def unsigned(value: int) -> bytes:
    encoded = b""
    while value >= 0x80:
        encoded += bytes([value & 0x7F | 0x80])
        value >>= 7
    return encoded + bytes([value])


def test_parse_gives_functions_and_initialised_data() -> None:
    assert parse(MAP, make_module()) == (
        Symbol("_initialize", SymbolKind.FUNCTION, 0x19C + 4 + 1, 0x23),
        Symbol("_binary_private_pem_key_start", SymbolKind.DATA, 0x456F + 3, 6),
        Symbol("_binary_private_pem_key_end", SymbolKind.DATA, 0x4575 + 3, 4),
    )


def test_parse_other_text_gives_nothing() -> None:
    assert parse("no map\nat all", make_module()) == ()


def test_parse_cut_module_is_refused() -> None:
    with pytest.raises(LinkMapError, match="ends within a number"):
        parse(MAP, b"\0asm\1\0\0\0\x0a\xff")
