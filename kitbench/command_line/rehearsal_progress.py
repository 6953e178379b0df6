"""How far a rehearsal is: on a terminal a line for each kit, elsewhere a line for each kit that is through."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from kitbench.bench.rehearsal.rehearse import Report
from kitbench.quoting import rich_markup

_SHARED = "all kits"


@contextmanager
def rehearsal_progress() -> Iterator[Report]:
    """Yield what is told of kits and their stages; the screen is standard error."""
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    if console.is_terminal:
        with _bars(console) as report:
            yield report
    else:
        yield lambda name, stage: console.print(rich_markup.text(f"{name or _SHARED}: {stage}"))


@contextmanager
def _bars(console: Console) -> Iterator[Report]:
    columns = (SpinnerColumn(), TextColumn("{task.fields[kit]}: {task.description}"), TimeElapsedColumn())
    lock = threading.Lock()
    with Progress(*columns, console=console, transient=True) as progress:
        tasks = {"": progress.add_task("start", total=None, kit=_SHARED)}

        def report(name: str, stage: str) -> None:
            with lock:
                if name not in tasks:
                    tasks[name] = progress.add_task(stage, total=None, kit=name)
                progress.update(tasks[name], description=rich_markup.text(stage))

        yield report
