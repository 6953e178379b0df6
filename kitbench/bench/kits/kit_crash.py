"""How a kit crashed during a test, from its serial log and the ELF of the firmware that it runs."""

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.bench.builds.build_reader import reader_of_build
from kitbench.errors import KitbenchError
from kitbench.firmware.elf_symbols import SymbolTable, read_symbols
from kitbench.kit.addr2line import addr2line_of, addr2line_program
from kitbench.kit.backtrace import AddressToLine, report, summary
from kitbench.kit.core_dump_text import NO_NAMES

_log = logging.getLogger(__name__)


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
    """Return the crash that a serial log shows; its addresses are those of `elf`, which a confined process reads."""
    if not summary(log, NO_NAMES):
        return NO_CRASH
    program = addr2line_program()
    read = reader_of_build(elf, programs=(program,) if program else ())
    try:
        return read(crash_here, log, str(elf.resolve()), program)
    except KitbenchError as error:  # a crash without names is still one
        _log.warning("no names for the backtrace: %s", error)
        return _crash(log, NO_NAMES, None)


def crash_here(log: str, elf: str, program: str) -> KitCrash:
    """Return the same, the ELF read in this process.

    Args:
        log: of the serial line.
        elf: absolute path.
        program: the toolchain's addr2line, "" for none.

    Raises:
        UsageError: it is no ELF file.
    """
    symbols = read_symbols(Path(elf).read_bytes(), types=frozenset(("STT_FUNC",)))
    return _crash(log, symbols, addr2line_of(program, Path(elf)))


def _crash(log: str, symbols: SymbolTable, address_to_line: AddressToLine | None) -> KitCrash:
    return KitCrash(summary(log, symbols), report(log, symbols, address_to_line))
