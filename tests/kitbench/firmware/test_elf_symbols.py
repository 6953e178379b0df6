"""Names of addresses, of the types asked for."""

import pytest

from kitbench.errors import UsageError
from kitbench.firmware.elf_symbols import SymbolTable, read_symbols
from kitbench.virtual_kit.toolchain.compilation.link_map import Symbol, SymbolKind
from kitbench.virtual_kit.toolchain.compilation.symbol_elf import symbol_address, write

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


@pytest.mark.parametrize("size", [0, 0x100])
@pytest.mark.parametrize("first", [0, 1])
def test_all_names_of_one_address_whatever_their_order(first: int, size: int) -> None:
    labels = [Symbol(name, SymbolKind.DATA, 0x800, size) for name in ("private_pem_key", "_binary_x_start")]

    table = read_symbols(write([labels[first], labels[1 - first], FUNCTION], module=b"module"))
    inside = symbol_address(labels[0]) + 0x40

    assert table.all_at(inside) == ("_binary_x_start", "private_pem_key")
    assert table.at(inside) == "_binary_x_start"


def test_of_names_at_one_address_those_with_a_size_come_first_as_far_as_they_reach() -> None:
    table = SymbolTable((0x1000, 0x1000), (0, 4), ("_text_start", "app_main"))

    assert table.all_at(0x1003) == ("app_main", "_text_start")
    assert table.all_at(0x1004) == ("_text_start",)


def test_what_is_no_elf_is_refused() -> None:
    with pytest.raises(UsageError, match="not an ELF"):
        read_symbols(b"no ELF")
