"""The core dump that a crashed kit left in its flash, decoded with the build's ELF: both read in a confined process."""

import logging
from typing import Final

from kitbench.bench.builds.build_reader import reader_of_build
from kitbench.bench.builds.firmware_build import USUAL_FLASH_SIZE, FirmwareBuild
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.bench.records.evidence import Evidence
from kitbench.errors import KitbenchError
from kitbench.kit.addr2line import addr2line_program
from kitbench.kit.core_dump_reading import core_dump_partition, core_dump_words

#: Of ESP-IDF's partition table: a sector, to which nothing is added.
_LARGEST_TABLE: Final = 0x1000
_log = logging.getLogger(__name__)


def core_dump_of(kit: RunningKit, firmware: FirmwareBuild) -> str:
    """Return what the kit's core dump says as lines of text; "" where its firmware keeps none, or there is none.

    The kit is closed for it: only for a test that is over. What goes wrong is told in the text, as the crash itself is
    the news.
    """
    partition = partition_for_it(firmware)
    if not partition:
        return ""
    offset, end = partition
    program = addr2line_program()
    read = reader_of_build(firmware.elf, programs=(program,) if program else ())
    try:
        kit.close()
        flash = kit.read_flash(firmware.flash_image(USUAL_FLASH_SIZE)).data
        return read(core_dump_words, flash[offset:end], str(firmware.elf.resolve()), firmware.elf_sha256, program)
    except (KitbenchError, OSError) as error:
        _log.warning("the core dump in flash was not read: %s", error)
        return f"not read: {error}"


def keep_core_dump(text: str, evidence: Evidence, test: str) -> str:
    """Keep what a core dump says, if it says anything, beside the backtraces; return it, without any private key."""
    if text:
        evidence.append("core_dumps.txt", f"=== {test}\n{text}\n")
    return evidence.without_keys(text)


def partition_for_it(firmware: FirmwareBuild) -> tuple[int, ...]:
    """Return begin and end of the partition that firmware writes its core dumps to, () where it has none."""
    try:
        with (firmware.folder / "partition_table" / "partition-table.bin").open("rb") as file:
            table = file.read(_LARGEST_TABLE)
        return reader_of_build()(core_dump_partition, table)
    except (OSError, KitbenchError):
        return ()
