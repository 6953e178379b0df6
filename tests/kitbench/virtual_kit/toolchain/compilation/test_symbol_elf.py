"""The ELF file of symbols, judged by pyelftools."""

import io

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from kitbench.virtual_kit.toolchain.compilation.link_map import Symbol, SymbolKind
from kitbench.virtual_kit.toolchain.compilation.symbol_elf import write

SYMBOLS = (Symbol("app_main", SymbolKind.FUNCTION, 0x100, 0x20), Symbol("table", SymbolKind.DATA, 0x300, 8))


def test_symbols_have_their_addresses() -> None:
    elf = ELFFile(io.BytesIO(write(SYMBOLS, module=bytes(0x400))))
    table = elf.get_section_by_name(".symtab")
    assert isinstance(table, SymbolTableSection)

    found = {symbol.name: symbol.entry for symbol in table.iter_symbols() if symbol.name}

    assert elf.get_machine_arch() == "Tensilica Xtensa"
    assert elf.little_endian
    assert found["app_main"].st_value == 0x400D0100
    assert found["app_main"].st_size == 0x20
    assert found["app_main"].st_info.type == "STT_FUNC"
    # DROM begins at 0x3f400020 with 256 bytes of app description and 8 of the module's own header.
    assert found["table"].st_value == 0x3F400020 + 256 + 8 + 0x300
    assert found["table"].st_info.type == "STT_OBJECT"
    assert elf.get_section(found["table"].st_shndx).name == ".flash.rodata"


def test_apps_that_differ_in_data_have_different_files() -> None:
    assert write(SYMBOLS, module=b"a") != write(SYMBOLS, module=b"b")
