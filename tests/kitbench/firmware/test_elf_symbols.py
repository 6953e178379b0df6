"""Names of addresses, of the types asked for."""

import pytest

from kitbench.errors import UsageError
from kitbench.firmware.elf_symbols import SymbolTable, read_symbols
from kitbench.virtual_kit.toolchain.link_map import Symbol, SymbolKind
from kitbench.virtual_kit.toolchain.symbol_elf import symbol_address, write

FUNCTION = Symbol("app_main", SymbolKind.FUNCTION, 0x100, 0x20)
DATA = Symbol("greeting", SymbolKind.DATA, 0x400, 0x10)
ELF = write([FUNCTION, DATA], module=b"module")


def test_symbol_covers_its_size_and_no_more() -> None:
    table = read_symbols(ELF)
    address = symbol_address(FUNCTION)

    assert [table.at(address + distance) for distance in (-1, 0, 0x1F)][1:] == ["app_main", "app_main"]
    assert table.at(address + 0x20) is None


def test_only_functions_where_only_functions_are_asked_for() -> None:
    assert read_symbols(ELF, types=frozenset(("STT_FUNC",))).names == ("app_main",)
    assert set(read_symbols(ELF).names) == {"app_main", "greeting"}


def test_below_the_first_symbol_there_is_none() -> None:
    assert SymbolTable((0x1000,), (4,), ("x",)).at(0xFFF) is None


def test_what_is_no_elf_is_refused() -> None:
    with pytest.raises(UsageError, match="not an ELF"):
        read_symbols(b"no ELF")
