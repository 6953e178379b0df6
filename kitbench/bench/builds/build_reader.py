"""A process that reads a build for the bench: its ELF, its tables, what it says of itself, and a core dump of it."""

import contextlib
from pathlib import Path
from typing import Final

from kitbench.bench.builds.build_description import FLASHER_ARGS, read_object
from kitbench.bench.builds.firmware_build import build_in
from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits
from kitbench.errors import BenchError, Fault, UsageError
from kitbench.firmware.elf_symbols import read_symbols
from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import AppImageError
from kitbench.flash_format.partition_table import PartitionTableError

#: An ELF of 20 MB with 20,000 functions needs 2 s and 150 MB.
_LIMITS: Final = Limits(seconds=120, cpu_seconds=30, memory=768 << 20, file_size=1 << 20, output=16 << 20)


def reader_of_build(*places: Path, programs: tuple[str, ...] = (), fault: Fault = Fault.STUDENT) -> ConfinedCall:
    """Return what calls a function of ours on files of a build, in a process that reads these alone.

    Args:
        places: files or folders that may be read.
        programs: that may be started on them.
        fault: whose doing it is when a limit or a crash ends the process.
    """
    readable = tuple(place.resolve() for place in places)
    return ConfinedCall("the build", "build", Box(_LIMITS, readable, executable=tuple(map(Path, programs))), fault)


def examined(folder: str) -> tuple[str, ...]:
    """Return app, ELF and chip of a build, all of which was read once: what is too much or too deep ends here.

    It is called in such a process; paths are relative to the folder.

    Raises:
        BenchError: it is none that is finished.
    """
    build = build_in(Path(folder))
    read_object(build.folder / "config" / "sdkconfig.json")
    try:
        build.flash_files()
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise BenchError(f"{folder}: {FLASHER_ARGS} does not say what is flashed where", stage="build") from error
    table = build.folder / "partition_table" / "partition-table.bin"
    with contextlib.suppress(AppImageError, PartitionTableError, UsageError, ValueError):  # whoever needs them says so
        app_image.parse(build.app.read_bytes())
        partition_table.parse(table.read_bytes() if table.is_file() else b"")
        read_symbols(build.elf.read_bytes())
    return (*(path.relative_to(folder).as_posix() for path in (build.app, build.elf)), build.chip)
