"""Reads a tutorial's console blocks and runs them as a reader would: one shell, one command after the other.

In a ```console block a line that begins with `$ ` is a command, `> ` continues it, and the lines below are output that
must come, in this order, `…` standing for anything. `# exit status N` at a command's end is what it must have, else 0.
"""

import os
import re
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

DOCS: Final = Path(__file__).parents[2] / "docs"
_BLOCK: Final = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_STATUS: Final = re.compile(r"# exit status (\d+)")


@dataclass(frozen=True)
class Step:
    """A command, and the lines that it must print."""

    command: str
    output: tuple[str, ...]

    @property
    def status(self) -> int:
        """The exit status that it must have."""
        found = _STATUS.search(self.command)
        return int(found[1]) if found else 0

    def complaint(self, printed: str, status: int) -> str:
        """Return what is wrong with what a command did, "" for nothing."""
        if status != self.status:
            return f"exit status {status}, not {self.status}"
        lines = iter(printed.splitlines())
        for expected in self.output:
            pattern = re.compile(".*".join(map(re.escape, expected.strip().split("…"))))
            if not any(pattern.search(line) for line in lines):
                return f"did not print: {expected}"
        return ""


def steps(page: str) -> list[Step]:
    """Return the commands of a page in order."""
    found: list[Step] = []
    for block in _BLOCK.findall(page):
        command: list[str] = []
        output: list[str] = []
        for line in block.splitlines():
            if line.startswith("$ "):
                found += [Step("\n".join(command), tuple(output))] if command else []
                command, output = [line[2:]], []
            elif line == ">" or line.startswith("> "):
                command.append(line[2:])
            else:
                output.append(line)
        found += [Step("\n".join(command), tuple(output))] if command else []
    return found


class Shell:
    """A bash that runs commands one by one; at the end everything that it started is gone."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        own = {"HOME": str(folder), "PATH": path, "COLUMNS": "200", "AWS_PAGER": "", **variables}
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PYTEST_"))}
        cache = {"XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(Path.home() / ".cache"))}
        self._bash = subprocess.Popen(
            ["bash", "--norc", "--noprofile"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**kept, **cache, **own},
            text=True,
            errors="replace",
            start_new_session=True,
        )
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def run(self, command: str, *, timeout_s: float = 600.0) -> tuple[str, int]:
        """Run a command; return what it printed, and its exit status."""
        end = f"end-{secrets.token_hex(8)}"
        assert self._bash.stdin is not None
        self._bash.stdin.write(f"{command}\nprintf '\\n{end} %s\\n' $?\n")
        self._bash.stdin.flush()
        printed: list[str] = []
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                line = self._lines.get(timeout=max(0.0, deadline - time.monotonic()))
            except Empty:
                raise AssertionError(f"did not end: {command}\n{''.join(printed)}") from None
            if line.startswith(end):
                return "".join(printed), int(line.split()[1])
            printed.append(line)

    def close(self) -> None:
        """End the shell with all that it left running."""
        os.killpg(self._bash.pid, signal.SIGTERM)  # bash itself ends with its input
        assert self._bash.stdin is not None
        assert self._bash.stdout is not None
        self._bash.stdin.close()
        self._bash.wait(30)
        self._reader.join(30)
        self._bash.stdout.close()

    def _read(self) -> None:
        assert self._bash.stdout is not None
        for line in self._bash.stdout:
            self._lines.put(line)


def run_tutorial(name: str, folder: Path, **variables: str) -> None:
    """Run a page's commands in a folder; the first that does not do what the page says fails the test."""
    shell = Shell(folder, variables)
    try:
        for step in steps((DOCS / name).read_text(encoding="utf-8")):
            printed, status = shell.run(step.command)
            complaint = step.complaint(printed, status)
            assert not complaint, f"{name}: $ {step.command}\n{complaint}\n{printed}"
    finally:
        shell.close()
