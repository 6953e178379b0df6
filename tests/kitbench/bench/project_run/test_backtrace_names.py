"""Names beside a panic's addresses."""

from kitbench.bench.project_run.backtrace_names import BacktraceNames
from kitbench.firmware.elf_symbols import SymbolTable

SYMBOLS = SymbolTable((0x400D1000, 0x400D2000), (0x40, 0x10), ("app_main", "helper"))


def test_backtrace_is_named_once_its_line_is_whole() -> None:
    names = BacktraceNames(SYMBOLS)

    assert not list(names.of("Backtrace: 0x400d2004:0x3ffb0000 0x400d1010"))
    assert list(names.of(":0x3ffb0020\nrest")) == ["--- 0x400d2004: helper", "--- 0x400d1010: app_main"]


def test_without_symbols_nothing_is_said() -> None:
    assert not list(BacktraceNames(None).of("Backtrace: 0x400d2004:0x3ffb0000\n"))
