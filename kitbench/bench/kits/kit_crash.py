"""How a kit crashed during a test, from its serial log and the ELF of the firmware that it runs."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.firmware.elf_symbols import SymbolTable, read_symbols
from kitbench.kit.addr2line import find_addr2line
from kitbench.kit.backtrace import report, summary


@dataclass(frozen=True, slots=True)
class KitCrash:
    """A crash, or none.

    Attributes:
        summary: one line, "" when the kit did not crash.
        backtrace: the decoded backtrace of the first panic as lines of text, "" when none was printed.
    """

    summary: str = ""
    backtrace: str = ""


NO_CRASH: Final = KitCrash()


def crash_in(log: str, elf: Path) -> KitCrash:
    """Return the crash that a serial log shows; its addresses are those of `elf`."""
    try:
        symbols = read_symbols(elf.read_bytes(), types=frozenset(("STT_FUNC",)))
    except UsageError:  # a crash without names is still one
        symbols = SymbolTable((), (), ())
    line = summary(log, symbols)
    return KitCrash(line, report(log, symbols, find_addr2line(elf))) if line else NO_CRASH
