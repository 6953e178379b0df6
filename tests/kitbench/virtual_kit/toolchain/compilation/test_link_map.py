"""The linker's map."""

import pytest

from kitbench.virtual_kit.toolchain.compilation.link_map import (
    LinkMapError,
    OwnBytes,
    Symbol,
    SymbolKind,
    own_bytes,
    parse,
)

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


OWN = """\
    Addr      Off     Size Out     In      Symbol
       -     4565      90d DATA
    8010     456c      900 .rodata
    8010     456f        a         /tmp/a.o:(.rodata.table)
    8010     456f        a                 table
    801a     456f       20         /tmp/shim.o:(.rodata.names)
    9000     5000      100 .data
    9000     5000        4         /tmp/a.o:(.data.count)
    9000     5000      100 .bss
    9000     5000       80         /tmp/a.o:(.bss.big)
    9080     5000       80         libc.a(x.o):(.bss.big)
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


def test_own_bytes_are_those_of_the_projects_objects() -> None:
    own = own_bytes(OWN, {"/tmp/a.o"})

    assert own == OwnBytes(constants=0xA, variables=4, zeroed=0x80)
    assert (own.in_flash, own.in_ram) == (0xE, 0x84)
    assert own_bytes(OWN, set()) == OwnBytes()
