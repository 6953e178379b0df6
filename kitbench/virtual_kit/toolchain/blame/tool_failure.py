"""Whose fault it is that a compiler or linker ended without a word about a line: the machine's, if nobody else's."""

import re
from typing import Final

from kitbench.errors import BenchError, GapError, KitError
from kitbench.virtual_kit.toolchain.compiler_output import clean, first_error

#: Bounds that a source runs into: SIGXCPU, SIGXFSZ. SIGKILL comes from a system without memory.
_LIMITS: Final = {-24: "needs too much time", -25: "makes too large a file"}
_CRASHES: Final = frozenset({-4, -6, -7, -8, -11})
_CRASH: Final = re.compile(r"frontend command failed|PLEASE (?:submit|ATTACH)")
_MACHINE: Final = re.compile(
    r"No space left|Disk quota|Input/output error|IO failure|Read-only file system|Too many open files|"
    r"cannot open output|unable to open output|failed to write"
)


def tool_failure(tool: str, where: str, output: str, status: int) -> KitError | BenchError:
    """Return the error for a program that failed and named no line.

    Args:
        tool: "the compiler" or "the linker".
        where: what it worked on, as messages show it.
        output: what it said.
        status: its exit status, negative for a signal.
    """
    if status in _LIMITS:
        return KitError(f"{where}: {_LIMITS[status]}", stage="build")
    said = first_error(output) or clean(output.strip().partition("\n")[0]) or f"status {status}"
    if _MACHINE.search(output):
        return BenchError(f"{where}: {tool} cannot write: {said}", stage="build", fix="make room on the disk")
    if "out of memory" in output.lower() or "bad_alloc" in output:
        return KitError(f"{where}: needs too much memory", stage="build")
    if status in _CRASHES or _CRASH.search(output):
        return GapError(f"a compiler that takes this: {tool} crashes", where=where)
    return BenchError(f"{where}: {tool} failed: {said}", stage="build")
