"""Functions that a confined process is asked to call."""

import os
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kitbench.errors import BenchError, CloudError, GapError, KitError, UsageError


@dataclass(frozen=True)
class Answer:
    number: int
    names: tuple[str, ...]


def answer(number: int, *, names: tuple[str, ...] = ()) -> Answer:
    sys.stdout.write('a library that prints\n{"value": 1}\n')
    return Answer(number + 1, names)


def nonsense() -> int:
    return Answer(1, ("a",))  # type: ignore[return-value]


def fails(kind: str) -> int:
    errors = {
        "caller": UsageError("m", stage="s", fix="d"),
        "bench": BenchError("m", stage="s", fix="d"),
        "cloud": CloudError("m", stage="s", fix="d"),
        "student": KitError("m", stage="s", fix="d"),
        "gap": GapError("header x.h", where="a.c:1", stage="s", fix="d"),
    }
    raise errors[kind]


def dies(how: str) -> int:
    ways: dict[str, Callable[[], Any]] = {
        "memory": lambda: bytearray(1 << 40),
        "processor": lambda: max(iter(int, 1)),
        "time": lambda: time.sleep(60),
        "disk": lambda: sys.stdout.write("x" * (64 << 20)),
        "signal": os.abort,
        "killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "error": lambda: 1 // 0,
        "silence": lambda: os._exit(0),
    }
    ways[how]()
    return 1


def steps(*, progress: Callable[[str, int, int], None]) -> int:
    for number in range(3):
        progress(f"step\x1b[2J\u202e{number}", number, 3)
        time.sleep(0.3)
    return 3


def read_text(path: Path) -> str:
    return path.read_text(encoding="utf-8")
