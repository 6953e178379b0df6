"""Shows how a class run gets on: a bar per submission in a terminal, plain lines elsewhere."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from kitbench.quoting import rich_markup

from ..judgement import one_line
from ..marking.result import SubmissionResult
from ..records.feedback import short_points


class ClassProgress(Protocol):
    """Where a class run tells how it gets on; called from several threads."""

    def show(self, name: str, stage: str, share: float) -> None:
        """Show that `name` is at a stage, and how far it is from 0 to 1."""

    def finish(self, result: SubmissionResult) -> None:
        """Show that a submission has its result."""


class Bars:
    """A bar per submission with its stage, its time, and at the end its points."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._tasks: dict[str, TaskID] = {}

    def show(self, name: str, stage: str, share: float) -> None:
        """Move a bar, which appears with its first stage."""
        task = self._tasks.get(name)
        if task is None:
            task = self._tasks[name] = self._progress.add_task(rich_markup.text(name), total=1.0, stage="")
        self._progress.update(task, completed=share, stage=rich_markup.text(stage))

    def finish(self, result: SubmissionResult) -> None:
        """Show a student's stage as a bar, filled by its share."""
        self.show(result.student.id, short_points(result.score), 1.0)


class Lines:
    """One line per stage, for logs and for people who read with a braille line."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()

    def show(self, name: str, stage: str, share: float) -> None:  # noqa: ARG002 - the bars' signature
        """Print a student's stage as a line, for logs."""
        seconds = time.monotonic() - self._started
        self._console.print(f"[{seconds:6.1f} s] {name}: {stage}", markup=False, highlight=False, soft_wrap=True)

    def finish(self, result: SubmissionResult) -> None:
        """Print a student's points as a line, for logs."""
        self.show(result.student.id, short_points(result.score), 1.0)


def show_told(progress: ClassProgress, name: str, line: str) -> None:
    """Show a child's line of JSON such as {"stage": "build s01", "share": 0.4}; other lines are not for us."""
    try:
        told = json.loads(line)
        progress.show(name, one_line(str(told["stage"])), min(max(float(told["share"]), 0.0), 1.0))
    except (ValueError, TypeError, KeyError, RecursionError):
        return


@contextmanager
def shown_on(console: Console) -> Iterator[ClassProgress]:
    """Yield bars when the console is a terminal, lines when it is not."""
    if not console.is_terminal:
        yield Lines(console)
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        TextColumn("{task.fields[stage]}"),
    )
    with Progress(*columns, console=console) as progress:
        yield Bars(progress)
