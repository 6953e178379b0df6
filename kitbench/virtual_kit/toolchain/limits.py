"""How much a build may take."""

from dataclasses import dataclass, field

from kitbench.firmware.project import CopyLimits


@dataclass(frozen=True, slots=True)
class BuildLimits:
    """Bounds of one build; the course's whole example needs 3 s, 200 MB and 2 MB.

    Attributes:
        seconds: wall clock of the whole build, the C library apart.
        cpu_seconds: of one compiler process.
        memory: bytes of data one compiler process may have.
        file_size: bytes of any file that a compiler writes.
        app_size: bytes of the linked module.
        parallel: compilers at a time.
    """

    seconds: float = 120.0
    cpu_seconds: int = 60
    memory: int = 2 << 30
    file_size: int = 64 << 20
    app_size: int = 4 << 20
    parallel: int = 2
    copy: CopyLimits = field(default_factory=CopyLimits)
