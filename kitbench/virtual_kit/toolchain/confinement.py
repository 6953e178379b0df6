"""Runs compilers on somebody else's sources: cleaned environment, bounded time, memory, output, no other files."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.confinement.confined_process import Box, Ended, Limits
from kitbench.errors import BenchError, KitError
from kitbench.virtual_kit.toolchain.limits import BuildLimits

#: What a compiler says beyond this is cut off; nobody reads a megabyte of errors.
MAX_OUTPUT: Final = 256 * 1024
#: All symbols of a large project's Kconfig files.
_LARGEST_ANSWER: Final = 16 << 20
_CACHES: Final = ("HOME", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")


@dataclass(frozen=True, slots=True)
class Completed:
    """How a confined program ended; `output` is stdout followed by stderr, cut to `MAX_OUTPUT`."""

    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a program may touch.

    Attributes:
        readable: files and folders.
        writable: folders it may write into (and read).
        scratch: becomes HOME, TMPDIR and every cache folder; it must be writable.
        limits: bounds of time, memory and size.
    """

    readable: tuple[Path, ...]
    writable: tuple[Path, ...]
    scratch: Path
    limits: BuildLimits

    def run(self, command: Sequence[str], *, folder: Path, timeout_s: float, stdin: bytes = b"") -> Completed:
        """Run the command to its end.

        Raises:
            BenchError: it took longer than `timeout_s`, or cannot be started.
        """
        ended = self._box(timeout_s, MAX_OUTPUT).run_program(command, folder=folder, stdin=stdin)
        _check_time(ended, timeout_s)
        output = (ended.output + ended.errors)[:MAX_OUTPUT].decode("utf-8", "replace")
        return Completed(ended.status, output)

    def ask(
        self, script: Path, order: Any, *, folder: Path, timeout_s: float, environment: Mapping[str, str]
    ) -> dict[str, Any]:
        """Run a script of ours that reads JSON and prints JSON; return what it printed.

        Raises:
            KitError: it took more than the limits of processor and memory allow.
            BenchError: it took longer than `timeout_s`, cannot be started, or fails.
        """
        box = self._box(timeout_s, _LARGEST_ANSWER, environment)
        ended = box.run_script(script, folder=folder, stdin=json.dumps(order).encode())
        _check_time(ended, timeout_s)
        if ended.limit is not None:
            raise KitError(f"the project's configuration takes too much {ended.limit}", stage="build")
        try:
            answer: dict[str, Any] = json.loads(ended.output)
        except ValueError as error:
            said = ended.errors.decode("utf-8", "replace").strip().splitlines() or [f"status {ended.status}"]
            raise BenchError(f"{script.name} failed: {said[-1][:200]}", stage="build") from error
        return answer

    def _box(self, timeout_s: float, output: int, environment: Mapping[str, str] | None = None) -> Box:
        limits = Limits(timeout_s, self.limits.cpu_seconds, self.limits.memory, self.limits.file_size, output)
        caches = dict.fromkeys(_CACHES, str(self.scratch))
        return Box(limits, self.readable, self.writable, environment={**caches, **(environment or {})})


def _check_time(ended: Ended, timeout_s: float) -> None:
    if ended.timed_out:
        # A wall clock runs for a machine under load, too; the processor's time is bounded apart.
        raise BenchError(f"the build took longer than {timeout_s:.0f} s", stage="build", fix="use fewer --jobs")
