"""A function of ours, called on what a stranger wrote in a confined process: its value checked, its errors as raised.

What ends that process is told to whom the file belongs: a limit or a crash is the file's doing, a wall clock that ran
out or a process that somebody killed the bench's.
"""

import json
import pickle
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, ParamSpec, TypeVar, get_type_hints

from kitbench.confinement.called import ROOT
from kitbench.confinement.checked_json import from_json
from kitbench.confinement.confined_process import Box, Ended, Limit
from kitbench.errors import BenchError, CloudError, Fault, GapError, KitbenchError, KitError, UsageError
from kitbench.quoting.terminal import printable_line

P = ParamSpec("P")
T = TypeVar("T")
Progress = Callable[[str, int, int], None]

_MODULE: Final = "kitbench.confinement.called"
_KILLED: Final = -9
_LONGEST_REASON: Final = 2000
_ERRORS: Final[dict[str, type[KitbenchError]]] = {
    Fault.CALLER: UsageError,
    Fault.BENCH: BenchError,
    Fault.CLOUD: CloudError,
    Fault.STUDENT: KitError,
}


@dataclass(frozen=True, slots=True)
class ConfinedCall:
    """What is read, at which stage, and what its reader may touch.

    Attributes:
        what: as its owner knows it: "the project".
        stage: that errors name.
        box: bounds and files of the process.
        fault: whose doing it is when a limit or a crash ends the process.
        folder: that relative paths begin at; no module is ever taken from it.
    """

    what: str
    stage: str
    box: Box
    fault: Fault = Fault.STUDENT
    folder: Path = ROOT

    def __call__(self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs) -> T:
        """Return what a function at the top of a module of ours returns; its return type is what is checked.

        Raises:
            KitError: a limit or a crash ended it, or the function raised it.
            BenchError: it was killed, took too long, does not start, or its value is not of its type.
            KitbenchError: of every kind, as the function raised it.
        """
        return self._value(function, self._run(function, arguments, named, None))

    def watched(self, progress: Progress, function: Callable[..., T], /, *arguments: Any, **named: Any) -> T:
        """Return the same of a function that takes `progress=` as well, which is called here as it is called there."""
        return self._value(function, self._run(function, arguments, named, progress))

    def _run(
        self, function: Callable[..., Any], arguments: Any, named: dict[str, Any], progress: Progress | None
    ) -> Ended:
        order = pickle.dumps((arguments, named, progress is not None))
        place = (function.__module__, function.__qualname__)
        listen = None if progress is None else lambda line: _tell(line, progress)
        return self.box.run_module(_MODULE, folder=self.folder, arguments=place, stdin=order, on_line=listen)

    def _value(self, function: Callable[..., T], ended: Ended) -> T:
        said = _last_object(ended)
        if ended.status != 0 or ended.timed_out or said is None:
            raise self._death(ended)
        try:
            if "error" in said:
                raise _error_of(said["error"])
            kind = get_type_hints(function, vars(sys.modules[function.__module__]))["return"]
            value: T = from_json(kind, said["value"], ROOT)
        except (ValueError, KeyError, TypeError) as error:
            raise BenchError(f"reading {self.what} gave nonsense: {error}", stage=self.stage) from error
        return value

    def _death(self, ended: Ended) -> KitbenchError:
        limits = self.box.limits
        if ended.limit is Limit.TIME:  # a machine under load lets it run out, too; the processor's time is apart
            return BenchError(f"reading {self.what} took longer than {limits.seconds:.0f} s", stage=self.stage)
        blamed = _ERRORS[self.fault]
        if ended.limit is not None:
            most = {
                Limit.MEMORY: f" (more than {limits.memory >> 20} MB)",
                Limit.PROCESSOR: f" (more than {limits.cpu_seconds} s)",
                Limit.FILE_SIZE: f" (more than {limits.file_size >> 20} MB)",
            }[ended.limit]
            return blamed(f"{self.what} takes too much {ended.limit} to read{most}", stage=self.stage)
        if ended.status < 0 and ended.status != _KILLED:
            return blamed(f"{self.what} breaks what reads it (signal {-ended.status})", stage=self.stage)
        return BenchError(f"reading {self.what} failed: {_last_words(ended)}", stage=self.stage)


def _last_object(ended: Ended) -> dict[str, Any] | None:
    lines = ended.output.rstrip(b"\n").rsplit(b"\n", 1)
    try:
        said = json.loads(lines[-1])
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and ("value" in said or "error" in said) else None


def _error_of(said: dict[str, Any]) -> KitbenchError:
    message, stage, fix, lacks = (str(said[key])[:_LONGEST_REASON] for key in ("message", "stage", "fix", "lacks"))
    if said["kind"] == GapError.__name__:
        gap = GapError(lacks, stage=stage, fix=fix)
        gap.message, gap.args = message, (message,)
        return gap
    return _ERRORS[said["kind"]](message, stage=stage, fix=fix)


def _tell(line: bytes, progress: Progress) -> None:
    try:
        what, done, total = json.loads(line)["progress"]
        progress(printable_line(str(what))[:80], int(done), int(total))
    except (ValueError, KeyError, TypeError, RecursionError):
        return  # the value, or the end of one that died


def _last_words(ended: Ended) -> str:
    lines = ended.errors.decode(errors="replace").strip().splitlines()
    return printable_line(lines[-1])[:300] if lines else f"status {ended.status}"
