"""Asks a kit for its eFuses, by espefuse in a process of its own; nothing is burnt."""

import subprocess
from typing import Final

from kitbench.confinement.python_process import environment, python
from kitbench.errors import BenchError
from kitbench.hardening.efuse_table import EfuseTable, parse
from kitbench.quoting.terminal import printable_line

_ANSWERS_WITHIN_S: Final = 60.0
_ANSWERS_BY: Final = (
    "hold BOOT while it connects; a loader that is closed for ever (UART_DOWNLOAD_DIS) never answers: "
    "--efuses takes what was written before it was closed"
)


class SilentLoaderError(BenchError):
    """The serial loader of a kit does not answer: it is wired wrongly, or closed for ever."""


def read_efuses(port: str) -> EfuseTable:
    """Return the eFuses of the kit on a port; the kit is restarted.

    Raises:
        SilentLoaderError: its serial loader does not answer.
        BenchError: there is no such port, or it cannot be used.
    """
    arguments = python("-m", "kitbench.kit.quick_espefuse", "--port", port, "summary", "--format", "json")
    try:
        done = subprocess.run(arguments, env=environment(), capture_output=True, timeout=_ANSWERS_WITHIN_S, check=False)
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"no eFuses from {port} within {_ANSWERS_WITHIN_S:g} s", stage="hardening") from error
    if done.returncode:
        raise _error(port, (done.stdout + done.stderr).decode(errors="replace"))
    return parse(done.stdout)


def _error(port: str, said: str) -> BenchError:
    """Return why espefuse has failed, in its own words."""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    fatal = [line.partition("error occurred: ")[2] for line in lines if "error occurred: " in line]
    why = printable_line((fatal or lines[-1:] or ["espefuse said nothing"])[0])
    kind = SilentLoaderError if "Failed to connect" in why else BenchError
    return kind(f"no eFuses from {port}: {why}", stage="hardening", fix=_ANSWERS_BY)
