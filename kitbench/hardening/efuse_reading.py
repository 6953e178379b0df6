"""Asks a kit for its eFuses, by espefuse in a process of its own; nothing is burnt."""

import subprocess
from typing import Final

from kitbench.confinement.python_process import environment, python
from kitbench.errors import BenchError
from kitbench.hardening.efuse_table import EfuseTable, parse

_ANSWERS_WITHIN_S: Final = 60.0


def read_efuses(port: str) -> EfuseTable:
    """Return the eFuses of the kit on a port; the kit is restarted.

    Raises:
        BenchError: it does not answer.
    """
    arguments = python("-m", "espefuse", "--port", port, "summary", "--format", "json")
    try:
        done = subprocess.run(arguments, env=environment(), capture_output=True, timeout=_ANSWERS_WITHIN_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"no eFuses from {port} within {_ANSWERS_WITHIN_S:g} s", stage="hardening") from error
    if done.returncode:
        lines = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
        why = lines[-1] if lines else "espefuse said nothing"
        raise BenchError(f"no eFuses from {port}: {why}", stage="hardening", fix="hold BOOT while it connects")
    return parse(done.stdout)
