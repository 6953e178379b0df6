"""What a core dump and a partition table say, from their bytes: called in the confined process that reads a build."""

from pathlib import Path
from typing import Final

from kitbench.errors import UsageError
from kitbench.firmware.elf_symbols import SymbolTable, read_symbols
from kitbench.flash_format import core_dump
from kitbench.flash_format.partition_table import PartitionTableError, parse
from kitbench.kit.addr2line import addr2line_of
from kitbench.kit.core_dump_text import NO_NAMES, describe

SUBTYPE: Final = "coredump"


def core_dump_words(content: bytes, elf: str, elf_sha256: str, program: str) -> str:
    """Return what a partition for core dumps says, as lines of text; "" where there is none in it.

    Args:
        content: of the partition.
        elf: absolute path of the ELF that gives the names.
        elf_sha256: of that ELF, hex digits.
        program: the toolchain's addr2line, "" for none.
    """
    try:
        core = core_dump.parse(content)
    except core_dump.CoreDumpError as error:
        return f"not read: {error}"
    return describe(core, elf_sha256, _symbols(Path(elf)), addr2line_of(program, Path(elf))) if core else ""


def core_dump_partition(table: bytes) -> tuple[int, ...]:
    """Return begin and end in bytes of the partition for core dumps in a partition table, () where it has none."""
    try:
        partitions = parse(table).partitions
    except PartitionTableError:
        return ()
    return next(((one.offset, one.end) for one in partitions if one.subtype_name == SUBTYPE), ())


def _symbols(elf: Path) -> SymbolTable:
    try:
        return read_symbols(elf.read_bytes(), types=frozenset(("STT_FUNC",)))
    except UsageError:  # a core dump without names is still one
        return NO_NAMES
