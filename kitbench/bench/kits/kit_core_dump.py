"""The core dump that a crashed kit left in its flash, decoded with the build's ELF."""

import logging
from typing import Final

from kitbench.bench.builds.firmware_build import USUAL_FLASH_SIZE, FirmwareBuild
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.bench.records.evidence import Evidence
from kitbench.errors import KitbenchError, UsageError
from kitbench.firmware.elf_symbols import SymbolTable, read_symbols
from kitbench.flash_format import core_dump
from kitbench.flash_format.partition_table import Partition, PartitionTableError, parse
from kitbench.kit.addr2line import find_addr2line
from kitbench.kit.core_dump_text import NO_NAMES, describe

SUBTYPE: Final = "coredump"
_log = logging.getLogger(__name__)


def core_dump_of(kit: RunningKit, firmware: FirmwareBuild) -> str:
    """Return what the kit's core dump says as lines of text; "" where its firmware keeps none, or there is none.

    The kit is closed for it: only for a test that is over. What goes wrong is told in the text, as the crash itself is
    the news.
    """
    partition = partition_for_it(firmware)
    if partition is None:
        return ""
    try:
        kit.close()
        flash = kit.read_flash(firmware.flash_image(USUAL_FLASH_SIZE)).data
        core = core_dump.parse(flash[partition.offset : partition.end])
    except (KitbenchError, core_dump.CoreDumpError, OSError) as error:
        _log.warning("the core dump in flash was not read: %s", error)
        return f"not read: {error}"
    return describe(core, firmware.elf_sha256, _symbols(firmware), find_addr2line(firmware.elf)) if core else ""


def keep_core_dump(text: str, evidence: Evidence, test: str) -> str:
    """Keep what a core dump says, if it says anything, beside the backtraces; return it, without any private key."""
    if text:
        evidence.append("core_dumps.txt", f"=== {test}\n{text}\n")
    return evidence.without_keys(text)


def partition_for_it(firmware: FirmwareBuild) -> Partition | None:
    """Return the partition that firmware writes its core dumps to, None where it has none."""
    try:
        table = parse((firmware.folder / "partition_table" / "partition-table.bin").read_bytes())
    except (OSError, PartitionTableError):
        return None
    return next((partition for partition in table.partitions if partition.subtype_name == SUBTYPE), None)


def _symbols(firmware: FirmwareBuild) -> SymbolTable:
    try:
        return read_symbols(firmware.elf.read_bytes(), types=frozenset(("STT_FUNC",)))
    except UsageError:  # a core dump without names is still one
        return NO_NAMES
