"""A process that reads a stranger's project for the bench: what it wants to know of it before a build."""

from pathlib import Path
from typing import Final

from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits

#: A project with the whole SDK in it needs 0.3 s and 60 MB.
LIMITS: Final = Limits(seconds=120, cpu_seconds=20, memory=256 << 20, file_size=64 << 20, output=1 << 20)


def reader_of(project: Path, *others: Path, writes: tuple[Path, ...] = ()) -> ConfinedCall:
    """Return what calls a function of ours on a project, in a process that reads that project and `others` alone.

    Args:
        project: the project's folder.
        others: further folders that may be read.
        writes: folders that may be written.
    """
    readable = tuple(path.resolve() for path in (project, *others))
    writable = tuple(path.resolve() for path in writes)
    return ConfinedCall("the project", "build", Box(LIMITS, readable=readable, writable=writable))
