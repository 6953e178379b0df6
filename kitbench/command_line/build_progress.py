"""A bar on standard error while something is built; silent where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import Progress as ProgressBar

from kitbench.virtual_kit.toolchain.compilation.compiler import Progress


@contextmanager
def build_progress(*, quiet: bool = False) -> Iterator[Progress]:
    """Yield the function that moves the bar: what is done, how far, of how much."""
    console = Console(file=sys.stderr)
    tasks: dict[str, Any] = {}
    with ProgressBar(console=console, transient=True, disable=quiet or not console.is_terminal) as bar:

        def move(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=total)
            bar.update(tasks[what], completed=done, total=total)

        yield move
