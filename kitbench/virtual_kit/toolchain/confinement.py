"""Runs compilers on somebody else's sources: cleaned environment, bounded time, memory, output, no other files."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, KitError
from kitbench.virtual_kit.toolchain.limits import BuildLimits

_LAUNCHER: Final = Path(__file__).with_name("confined_launcher.py")
#: What a compiler says beyond this is cut off; nobody reads a megabyte of errors.
MAX_OUTPUT: Final = 256 * 1024
#: Folders a dynamically linked program needs; the compiler itself is static.
_SYSTEM_FOLDERS: Final = ("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/etc/ld.so.cache")


@dataclass(frozen=True, slots=True)
class Completed:
    """How a confined program ended; `output` is stdout followed by stderr, cut to `MAX_OUTPUT`."""

    status: int
    output: str


@dataclass(frozen=True, slots=True)
class Confinement:
    """What a program may touch.

    Attributes:
        readable: files and folders, the program itself among them.
        writable: folders it may write into (and read).
        scratch: becomes HOME, TMPDIR and every cache folder; it must be writable.
        limits: bounds of time, memory and size.
    """

    readable: tuple[Path, ...]
    writable: tuple[Path, ...]
    scratch: Path
    limits: BuildLimits

    def run(
        self,
        command: Sequence[str],
        *,
        folder: Path,
        timeout_s: float,
        stdin: bytes = b"",
        environment: Mapping[str, str] | None = None,
    ) -> Completed:
        """Run the command to its end; both its output streams go into one file of bounded size.

        Raises:
            KitError: it took longer than `timeout_s`.
            BenchError: it cannot be started.
        """
        job = {
            "command": list(command),
            "readable": [str(path) for path in self.readable] + [*_SYSTEM_FOLDERS, "/dev/urandom", "/dev/null"],
            "writable": [str(path) for path in self.writable],
            "cpu_seconds": self.limits.cpu_seconds,
            "memory": self.limits.memory,
            "file_size": self.limits.file_size,
        }
        launcher = [sys.executable, "-I", "-S", str(_LAUNCHER), json.dumps(job)]
        log = self.scratch / f"output-{os.urandom(8).hex()}"
        try:
            with log.open("w+b") as output:
                process = subprocess.Popen(
                    launcher,
                    cwd=folder,
                    env=self._environment(environment),
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=output,
                    start_new_session=True,
                )
                status = _wait(process, stdin, timeout_s)
                output.seek(0)
                text = output.read(MAX_OUTPUT).decode("utf-8", "replace")
        except OSError as error:
            raise BenchError(f"cannot start the compiler: {error}", stage="build") from error
        finally:
            log.unlink(missing_ok=True)
        return Completed(status, text)

    def _environment(self, extra: Mapping[str, str] | None) -> dict[str, str]:
        scratch = str(self.scratch)
        names = ("HOME", "TMPDIR", "TEMP", "TMP", "XDG_CACHE_HOME", "ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR")
        # The locale decides the language of messages, the path nothing: every program is named in full.
        return {**dict.fromkeys(names, scratch), "LC_ALL": "C.UTF-8", "PATH": os.defpath, **(extra or {})}


def _wait(process: subprocess.Popen[bytes], stdin: bytes, timeout_s: float) -> int:
    try:
        process.communicate(stdin, timeout=max(timeout_s, 0.1))
    except subprocess.TimeoutExpired as error:
        _kill(process)
        raise KitError(f"the build took longer than {timeout_s:.0f} s", stage="build") from error
    except BaseException:
        _kill(process)
        raise
    return process.returncode


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the program and everything it started, while its process id is surely still its own."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
