"""A child process that can be neither lost nor endless: its own process group, a time-out, bounded output."""

import os
import signal
import subprocess
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from kitbench.confinement.python_process import environment as isolated_environment
from kitbench.errors import BenchError

LARGEST_LOG: Final = 4 << 20
LONGEST_LINE: Final = 4096
#: How long a child may tidy up (deprovision, hold the kit in reset) after each of the signals, in seconds.
_SIGNALS: Final = ((signal.SIGINT, 15.0), (signal.SIGTERM, 3.0), (signal.SIGKILL, 3.0))


@dataclass(frozen=True, slots=True)
class Finished:
    """How a child ended; `status` is negative after a signal, `tail` its last lines."""

    status: int
    seconds: float
    timed_out: bool
    stopped: bool
    tail: tuple[str, ...]


def run_child(  # noqa: PLR0913 - one keyword per thing that a child may be given
    arguments: Sequence[str],
    *,
    log: Path,
    timeout_s: float,
    stop: threading.Event,
    on_line: Callable[[str], None] | None = None,
    environment: Mapping[str, str] | None = None,
    waited_s: Callable[[], float] = lambda: 0.0,
) -> Finished:
    """Run a command to its end, its output to `log`; kill it with all its children when `stop` is set or time is up.

    What it has waited for others (`waited_s`, in seconds) is none of its time.

    Raises:
        BenchError: it cannot be started.
    """
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=child_environment() if environment is None else environment,
        )
    except OSError as error:
        raise BenchError(f"cannot start {arguments[0]}: {error.strerror}", stage="start") from error
    output = _Output(log, on_line)
    assert process.stdout is not None
    reader = threading.Thread(target=output.drain, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        timed_out = _wait(process, lambda: started + timeout_s + waited_s(), stop)
    finally:
        # Also on Ctrl-C: nothing is left running.
        _end_group(process)
    reader.join(timeout=5)
    process.stdout.close()
    return Finished(process.returncode, time.monotonic() - started, timed_out, stop.is_set(), tuple(output.tail))


def child_environment() -> dict[str, str]:
    """Return our environment without what would steer a child's pytest, output unbuffered, compiled modules kept."""
    ours = isolated_environment()
    environment = {name: value for name, value in ours.items() if not name.startswith(("PYTEST_", "COV_"))}
    environment["PYTHONUNBUFFERED"] = "1"
    if environment.pop("PYTHONDONTWRITEBYTECODE", "") and "PYTHONPYCACHEPREFIX" not in environment:
        # Nothing is written beside the sources, as was asked; but a class run starts two hundred Pythons, and a third
        # of its time would go into compiling the same modules for each of them.
        environment["PYTHONPYCACHEPREFIX"] = str(_bytecode_folder())
    return environment


def _bytecode_folder() -> Path:
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")  # noqa: PTH111 - never raises
    return Path(cache) / "kitbench" / "bytecode"


def _wait(process: subprocess.Popen[bytes], deadline: Callable[[], float], stop: threading.Event) -> bool:
    """Wait for the end; return whether time ran out."""
    while process.poll() is None:
        if stop.is_set():
            return False
        if time.monotonic() > deadline():
            return True
        try:
            process.wait(timeout=0.1)
        except subprocess.TimeoutExpired:
            continue
    return False


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the child gently, then firmly; and, when it has ended, whatever it left behind in its group."""
    for number, patience_s in _SIGNALS:
        if process.poll() is not None:
            break
        _signal_group(process.pid, number)
        try:
            process.wait(timeout=patience_s)
        except subprocess.TimeoutExpired:
            continue
    _signal_group(process.pid, signal.SIGKILL)


def _signal_group(group: int, number: signal.Signals) -> None:
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):
        return  # nobody is left in the group


class _Output:
    """Takes a child's output: the beginning into a file, the last lines into memory, each line to a listener."""

    def __init__(self, log: Path, on_line: Callable[[str], None] | None) -> None:
        self.tail: deque[str] = deque(maxlen=15)
        self._log = log
        self._on_line = on_line
        self._left = LARGEST_LOG
        self._line = b""

    def drain(self, pipe: BinaryIO) -> None:
        """Read to the end, keeping what fits: a child that writes without end must not be held up, nor hold us up."""
        self._log.parent.mkdir(parents=True, exist_ok=True)
        with self._log.open("wb") as log:
            try:
                while chunk := os.read(pipe.fileno(), 65536):
                    log.write(chunk[: self._left])
                    self._left -= min(len(chunk), self._left)
                    self._split(chunk)
            except (OSError, ValueError):
                return  # the pipe was closed under us: the child is gone

    def _split(self, chunk: bytes) -> None:
        *lines, rest = (self._line + chunk).split(b"\n")
        self._line = rest[-LONGEST_LINE:]
        for line in lines:
            text = line[:LONGEST_LINE].decode(errors="replace").rstrip()
            if text:
                self.tail.append(text)
                if self._on_line is not None:
                    self._on_line(text)
