"""The child that rehearses one kit, seen from its parent: orders go in, answers come out, each in its time."""

import contextlib
import json
import queue
import subprocess
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from kitbench.confinement.python_process import environment, python
from kitbench.errors import BenchError

_ENDS_WITHIN_S: Final = 10.0


class KitHands:
    """A context manager: the child with one kit in hand; at the end it is gone.

    Args:
        order: what `kit_child` takes.
    """

    def __init__(self, order: Mapping[str, Any]) -> None:
        self._process = subprocess.Popen(
            python("-m", "kitbench.bench.rehearsal.kit_child", json.dumps(order)),
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._lines: queue.Queue[str] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()  # a child that waits for an order parks its kit and leaves
        try:
            self._process.wait(_ENDS_WITHIN_S if error is None else 1.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        self._process.stdout.close()

    def order(self, word: str) -> None:
        """Give an order; a child that has gone says so in its answer."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.write(f"{word}\n")
            self._process.stdin.flush()

    def answer(self, stage: str, *, within_s: float) -> dict[str, Any]:
        """Return the next answer.

        Raises:
            BenchError: the child tells of an error, has gone, or does not answer in time.
        """
        try:
            line = self._lines.get(timeout=within_s)
        except queue.Empty:
            fix = "look at its cable and its USB hub"
            raise BenchError(f"no end within {within_s:g} s", stage=stage, fix=fix) from None
        if not line:
            raise BenchError("the process that had the kit in hand died", stage=stage)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise BenchError(str(answer["error"]), stage=str(answer["stage"] or stage), fix=str(answer["fix"]))
        return answer

    def check(self) -> None:
        """Raise BenchError where the child has gone."""
        if self._process.poll() is not None:
            self.answer("run", within_s=1.0)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.put(line)
        self._lines.put("")
