"""Stand-ins as processes of their own: ready when their line of JSON comes, gone at the end.

They run outside the process of the tests because they stand on the other side of the wire, and because a kit runs
students' code.
"""

import contextlib
import json
import subprocess
import threading
from collections.abc import Iterator
from typing import IO, Any, Final

from kitbench.confinement.python_process import environment, python
from kitbench.errors import BenchError

READY_WITHIN_S: Final = 60.0
STOP_WITHIN_S: Final = 10.0


@contextlib.contextmanager
def running(command: str, *arguments: str) -> Iterator[dict[str, Any]]:
    """Run `kitbench COMMAND --json ARGUMENTS`; yield its line of JSON.

    Raises:
        BenchError: it ended, or printed nothing within 60 s.
    """
    process = subprocess.Popen(
        python("-m", "kitbench", command, "--json", "--die-with-parent", *arguments),
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    errors = _Tail(process.stderr)
    try:
        yield _first_line(process.stdout, command, errors)
    finally:
        process.terminate()
        try:
            process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        errors.join(1.0)
        process.stderr.close()


class _Tail(threading.Thread):
    """Drains a stream, so that its writer never blocks, and keeps the last lines for the error message."""

    def __init__(self, stream: IO[str]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self.lines: list[str] = []
        self.start()

    def run(self) -> None:
        with contextlib.suppress(ValueError):  # closed while reading
            for line in self._stream:
                self.lines = [*self.lines[-4:], line.strip()]


def _first_line(stream: IO[str], command: str, errors: _Tail) -> dict[str, Any]:
    lines: list[str] = []
    reader = threading.Thread(target=lambda: lines.append(stream.readline()), daemon=True)
    reader.start()
    reader.join(READY_WITHIN_S)
    if not lines or not lines[0].strip():
        errors.join(1.0)
        said = " / ".join(line for line in errors.lines if line) or "nothing"
        raise BenchError(f"`kitbench {command}` did not start; it said: {said}", stage="stand-in")
    ready: dict[str, Any] = json.loads(lines[0])
    return ready
