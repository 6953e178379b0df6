"""What keeps a child that reads hand-ins from the rest of the machine: tried out, not asked for."""

import sys
import tempfile
from pathlib import Path
from typing import Final

from kitbench.confinement.confined_process import Box, Limits
from kitbench.doctor.check import Line, State

_LIMITS: Final = Limits(seconds=10, cpu_seconds=5, memory=256 << 20, file_size=1 << 20)
_READS: Final = "import sys; sys.exit(42 if open(sys.argv[1]).read() else 0)"
_CONNECTS: Final = (
    "import socket, sys; s = socket.socket(); s.settimeout(1); sys.exit(42 if s.connect_ex(%r) != 13 else 0)"
)
_NOBODY: Final = ("127.0.0.1", 9)
_OUT: Final = 42
LINUX_FIX: Final = (
    "Linux from 5.13 with landlock in /sys/kernel/security/lsm; in a container, allow its system calls (seccomp)"
)


def confinement() -> Line:
    """Say whether the kernel holds a child that reads hand-ins, by trying to get out of one."""
    if sys.platform == "win32":
        detail = "no limits of memory and time, no confinement: check, audit and dump your own kit only"
        return Line("confinement", State.WARN, detail, "grade a class on Linux: WSL 2 will do")
    if sys.platform != "linux":
        detail = "limits of time, and Python's own guard, hold what is handed in; the kernel does not"
        return Line("confinement", State.WARN, detail, "grade a class on Linux")
    with tempfile.NamedTemporaryFile("w", suffix=".txt") as secret:
        secret.write("secret")
        secret.flush()
        if _gets_out(_READS, secret.name):
            detail = "no Landlock: Python's own guard and the limits alone hold what is handed in"
            return Line("confinement", State.WARN, detail, LINUX_FIX)
    if _gets_out(_CONNECTS % (_NOBODY,)):
        detail = "Landlock for files; the network is refused by Python's own guard alone"
        return Line("confinement", State.WARN, detail, "Linux from 6.7")
    return Line("confinement", State.OK, "Landlock, for files and network")


def _gets_out(code: str, *arguments: str) -> bool:
    """Whether a confined program can do what it is not to do."""
    prefixes = (Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix))
    box = Box(_LIMITS, readable=prefixes)
    return box.run_program([sys.executable, "-I", "-S", "-c", code, *arguments], folder=Path("/")).status == _OUT
