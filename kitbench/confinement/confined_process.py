"""Runs a program, or Python of ours, on what a stranger wrote: bounded, few files, no network, a clean environment."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO, Any, Final

from kitbench.confinement.launcher import OUT_OF_MEMORY
from kitbench.confinement.python_process import import_path
from kitbench.errors import BenchError

_LAUNCHER: Final = Path(__file__).with_name("launcher.py")
#: Folders that a dynamically linked program needs.
_SYSTEM: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")
_DEVICES: Final = ("/dev/urandom", "/dev/null")
_READ_AT_ONCE: Final = 64 << 10
#: A variable of the environment that every process of a box has.
#: Without it no Python starts on Windows (documentation of `subprocess`).
_NEEDED: Final = ("SYSTEMROOT",)
_CONFINED: Final = "KITBENCH_CONFINED"


def is_confined() -> bool:
    """Say whether this process is one of a box already."""
    return _CONFINED in os.environ


class Limit(StrEnum):
    """What a process had too much of."""

    TIME = "time"
    PROCESSOR = "processor time"
    MEMORY = "memory"
    FILE_SIZE = "room on disk"


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one process: wall-clock and processor seconds; bytes of data, of any file it writes, and of output."""

    seconds: float
    cpu_seconds: int
    memory: int
    file_size: int
    output: int = 256 << 10


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: `status` is negative after a signal; output and errors are cut to the limit's size."""

    status: int
    output: bytes
    errors: bytes
    timed_out: bool = False
    stopped: bool = False

    @property
    def limit(self) -> Limit | None:
        """The limit that ended it, if one did and it shows."""
        if self.timed_out:
            return Limit.TIME
        signals = {"SIGXCPU": Limit.PROCESSOR, "SIGXFSZ": Limit.FILE_SIZE}
        by_status = {-getattr(signal, name): limit for name, limit in signals.items() if hasattr(signal, name)}
        return Limit.MEMORY if self.status == OUT_OF_MEMORY else by_status.get(self.status)


@dataclass(frozen=True, slots=True)
class Box:
    """What a process may touch; everything else is refused where the kernel can.

    Attributes:
        readable: files and folders.
        writable: folders that it may write into, and read.
        executable: programs that it may start, itself apart.
        environment: all of its environment.
    """

    limits: Limits
    readable: tuple[Path, ...] = ()
    writable: tuple[Path, ...] = ()
    executable: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def clean_environment(self) -> dict[str, str]:
        """All that a process of this box sees of an environment."""
        kept = {name: os.environ[name] for name in _NEEDED if name in os.environ}
        return {"LC_ALL": "C.UTF-8", "PATH": os.defpath, _CONFINED: "1", **kept, **self.environment}

    def run_program(self, command: Sequence[str], *, folder: Path, stdin: bytes = b"") -> Ended:
        """Run a program to its end.

        Raises:
            BenchError: it cannot be started.
        """
        return _run(self._job(command=list(command)), self, folder, stdin)

    def run_module(  # noqa: PLR0913 - one keyword per thing that a run may be given
        self,
        module: str,
        *,
        folder: Path = Path(os.sep),
        arguments: Sequence[str] = (),
        stdin: bytes = b"",
        stop: threading.Event | None = None,
        on_line: Callable[[bytes], None] | None = None,
    ) -> Ended:
        """Run a module of this installation to its end, or until `stop` is set; `on_line` gets its lines as they come.

        Raises:
            BenchError: it cannot be started.
        """
        job = self._job(module=module, arguments=list(arguments))
        return _run(job, self, folder, stdin, _Watch(stop, on_line))

    def module_command(self, module: str, *arguments: str) -> list[str]:
        """Return the command line that runs a module so, for who watches it himself; its wall clock is unbounded."""
        return _command(self._job(module=module, arguments=list(arguments)))

    def run_script(self, script: Path, *, folder: Path, stdin: bytes = b"") -> Ended:
        """Run a file of Python of this installation to its end: without its package, whose imports would take time.

        Raises:
            BenchError: it cannot be started.
        """
        return _run(self._job(script=str(script), arguments=[]), self, folder, stdin)

    def _job(self, **what: Any) -> dict[str, Any]:
        readable = [*map(str, self.readable), *_SYSTEM, *_DEVICES]
        if "command" not in what:
            what["path"], what["bytecode"] = import_path(), sys.pycache_prefix
            readable += [*what["path"], sys.prefix, sys.base_prefix, sys.exec_prefix]
            readable += [sys.pycache_prefix] if sys.pycache_prefix else []
        return what | {
            "readable": readable,
            "writable": [str(path) for path in self.writable],
            "executable": [str(path) for path in self.executable],
            "cpu_seconds": self.limits.cpu_seconds,
            "memory": self.limits.memory,
            "file_size": self.limits.file_size,
        }


@dataclass(frozen=True, slots=True)
class _Watch:
    """What is looked at while a process runs."""

    stop: threading.Event | None = None
    on_line: Callable[[bytes], None] | None = None

    @property
    def is_needed(self) -> bool:
        return self.stop is not None or self.on_line is not None


def _run(job: dict[str, Any], box: Box, folder: Path, stdin: bytes, watch: _Watch = _Watch()) -> Ended:
    # Files, not pipes: a child that writes without end is held up by its own limit, and never by us.
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        given.write(stdin)
        given.seek(0)
        try:
            process = subprocess.Popen(
                _command(job),
                cwd=folder,
                env=box.clean_environment,
                stdin=given,
                stdout=output,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            raise BenchError(f"cannot start a confined process: {error}", stage="start") from error
        try:
            timed_out, stopped = _wait(process, time.monotonic() + max(box.limits.seconds, 0.1), watch, output)
        finally:
            end_group(process)
        largest = box.limits.output
        return Ended(process.returncode, _head(output, largest), _head(errors, largest), timed_out, stopped)


def _command(job: dict[str, Any]) -> list[str]:
    return [sys.executable, "-I", "-S", "-B", str(_LAUNCHER), json.dumps(job)]


def _wait(process: "subprocess.Popen[bytes]", deadline: float, watch: _Watch, output: IO[bytes]) -> tuple[bool, bool]:
    """Wait for the end; return whether time ran out, and whether somebody asked to stop."""
    told = 0
    while (left := deadline - time.monotonic()) > 0:
        if watch.stop is not None and watch.stop.is_set():
            return False, True
        # Windows has no pread, and to seek would move the child's writer: there nobody is told on the way.
        if watch.on_line is not None and hasattr(os, "pread"):
            told += _tell_lines(output, told, watch.on_line)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(min(left, 0.2) if watch.is_needed else left)
            return False, False
    return process.poll() is None, False


def _tell_lines(output: IO[bytes], start: int, on_line: Callable[[bytes], None]) -> int:
    """Tell what whole lines stand in a file from `start` on, without moving its writer; return how many bytes."""
    new = os.pread(output.fileno(), _READ_AT_ONCE, start)
    whole = new[: new.rfind(b"\n") + 1] or (new if len(new) == _READ_AT_ONCE else b"")
    for line in whole.splitlines():
        on_line(line)
    return len(whole)


def end_group(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and everything it started, if anything is left of it; it was started with a session of its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    process.wait()


def _head(file: IO[bytes], size: int) -> bytes:
    file.seek(0)
    return file.read(size)
