"""Runs a build that may hang, print without end or leave children behind: all of it ends with it."""

import contextlib
import os
import signal
import subprocess
import threading
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from kitbench.errors import BenchError, KitError

#: How much of the output is kept, its end, in pieces of `_PIECE` bytes: a build of ESP-IDF prints about 1 MB.
_PIECES: Final = 64
_PIECE: Final = 1 << 16


def run_build(
    command: Sequence[str], *, environment: Mapping[str, str], work: Path, within_s: float
) -> tuple[int, str]:
    """Run a command to its end; return its exit status and the end of what it printed.

    Raises:
        KitError: it did not end in time.
        BenchError: it cannot be run.
    """
    try:
        process = subprocess.Popen(
            command,
            env=environment,
            cwd=work,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except OSError as error:
        raise BenchError(f"cannot run {command[0]}: {error.strerror}", stage="build") from error
    assert process.stdout is not None
    kept: deque[bytes] = deque(maxlen=_PIECES)
    reader = threading.Thread(target=_keep, args=(process.stdout, kept), daemon=True)
    reader.start()
    try:
        status = process.wait(within_s)
    except subprocess.TimeoutExpired as error:
        raise KitError(f"the build did not end within {within_s:g} s", stage="build") from error
    finally:
        # Also after Ctrl-C: compilers, and what the project's own scripts have started.
        _end_group(process)
        reader.join()
        process.stdout.close()
    return status, b"".join(kept).decode(errors="replace")


def _keep(pipe: IO[bytes], kept: "deque[bytes]") -> None:
    while piece := os.read(pipe.fileno(), _PIECE):
        kept.append(piece)


def _end_group(process: "subprocess.Popen[bytes]") -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody is left in it
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
