"""The stand-ins that the example class needs, as processes: ready when they say so in JSON, gone at the end."""

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from grading.running.child_process import child_environment
from kitbench.confinement.python_process import python
from kitbench.errors import BenchError

_STOP_WITHIN_S = 10.0


@contextmanager
def stand_in(command: str, *arguments: str, lines: int = 1) -> Iterator[list[dict[str, Any]]]:
    """Run `kitbench COMMAND --json`; yield its first lines, decoded.

    Raises:
        BenchError: it ended before it was ready.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as complaints:
        process = subprocess.Popen(
            python("-m", "kitbench", command, "--json", "--die-with-parent", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            text=True,
            env=child_environment(),
        )
        assert process.stdout is not None
        try:
            ready = [process.stdout.readline() for _ in range(lines)]
            if not all(ready):
                process.wait(_STOP_WITHIN_S)
                complaints.seek(0)
                raise BenchError(f"kitbench {command}: {_last_line(complaints.read())}", stage="generate")
            yield [json.loads(line) for line in ready]
        finally:
            process.terminate()
            try:
                process.wait(_STOP_WITHIN_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


def run_tool(*arguments: str, stage: str, timeout_s: float = 180.0) -> str:
    """Run a Python module as a command; return what it printed.

    Raises:
        BenchError: it failed; the message is its last line.
    """
    try:
        finished = subprocess.run(
            python("-m", *arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout_s,
            env=child_environment(),
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise BenchError(f"{' '.join(arguments[:2])} did not end within {timeout_s:.0f} s", stage=stage) from error
    if finished.returncode != 0:
        raise BenchError(f"{' '.join(arguments[:2])}: {_last_line(finished.stdout)}", stage=stage)
    return finished.stdout


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["no message"])[-1]
