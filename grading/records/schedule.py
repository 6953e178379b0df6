"""The evening's schedule: when which submission was built, and on which kit it ran."""

import json
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from ..judgement import one_line

SCHEDULE_FILE: Final = "schedule.json"
BUILD: Final = "build"
RUN: Final = "run"


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, in seconds since the class run began.

    Attributes:
        what: `build` or `run`.
        who: the submission and its variant.
        kit: on which it ran, "" for a build.
        failure: why the kit was not fit, "" where it was.
    """

    what: str
    who: str
    kit: str
    began: float
    ended: float
    failure: str = ""


@dataclass(slots=True)
class Schedule:
    """Spans as they end; any thread may add one.

    Attributes:
        clock: tells seconds.
    """

    clock: Callable[[], float] = time.monotonic
    spans: list[Span] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)
    _began: float = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._began = self.clock()

    def now(self) -> float:
        """Return seconds since the beginning."""
        return self.clock() - self._began

    def add(self, what: str, who: str, kit: str, began: float, failure: str = "") -> None:
        """Note a span that ends now."""
        span = Span(what, who, kit, round(began, 2), round(self.now(), 2), one_line(failure))
        with self._lock:
            self.spans.append(span)

    def put_aside(self, kit: str, reason: str) -> None:
        """Note that a kit was put aside."""
        with self._lock:
            self.aside[kit] = one_line(reason)

    def write(self, folder: Path) -> Path:
        """Write it as JSON; return the file."""
        file = folder / SCHEDULE_FILE
        with self._lock:
            table = {"spans": [asdict(span) for span in self.spans], "put_aside": dict(self.aside)}
        file.write_text(json.dumps(table, indent=1), encoding="utf-8")
        return file
