"""What a run is asked for, and a kit that waits to be flashed for it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from kitbench.bench.builds.build_reader import reader_of_build
from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.bench.project_run.backtrace_names import BacktraceNames
from kitbench.bench.project_run.set_up_remarks import Remark
from kitbench.firmware.elf_symbols import SymbolTable, read_symbols
from kitbench.virtual_kit.toolchain.compilation.compiler import Progress

#: Takes a line of what was done.
Say: TypeAlias = Callable[[str], None]
#: Opens what is told how far a build is.
Reporting: TypeAlias = Callable[[], AbstractContextManager[Progress]]


@dataclass(frozen=True, slots=True)
class RunOrder:
    """What the user asked for.

    Attributes:
        project: an ESP-IDF project; its folder is not written to.
        build_dir: where the build goes; None for a private folder that is gone at the end.
        state: keeps what `local-iot-core --state` keeps, the kit's flash and, where the project has none, its identity.
        variant: takes `sdkconfig.ci.<variant>` in addition.
        esp_aws_iot: a recursive checkout of esp-aws-iot.
        idf: the generation of ESP-IDF to build as; "" for what the project says.
        settings: Kconfig values laid over the project's.
        lead: further hosts and ports that lead to the local core.
        board: what is wired to the virtual kit's pins, as `--board` has it; None for the course's board.
    """

    project: Path
    build_dir: Path | None = None
    state: Path | None = None
    variant: str | None = None
    esp_aws_iot: Path | None = None
    idf: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    lead: tuple[tuple[str, int], ...] = ()
    board: str | None = None


@dataclass(frozen=True, slots=True)
class OpenRun:
    """A kit that waits to be flashed.

    Attributes:
        build: what to flash.
        port: of the kit.
        new_remarks: returns what cloud and kit have to say since it was last asked.
    """

    build: FirmwareBuild
    port: str
    new_remarks: Callable[[], list[Remark]]

    def names(self) -> BacktraceNames:
        """Return what gives names to a panic's addresses."""
        elf = self.build.elf.resolve()
        return BacktraceNames(reader_of_build(elf)(functions_of, str(elf)))


def functions_of(elf: str) -> SymbolTable:
    """Return the functions of the ELF at this path, read in this process."""
    return read_symbols(Path(elf).read_bytes(), types=frozenset(("STT_FUNC",)))
