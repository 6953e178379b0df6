"""Runs a class folder's own script that generates roster and submissions into a private, temporary folder."""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kitbench.confinement.python_process import python
from kitbench.errors import BenchError

from ..hand_in.unpack import remove
from ..judgement import one_line
from .child_process import run_child
from .progress import ClassProgress, show_told

NAME: Final = "class"


@contextmanager
def generated_class(
    script: Path, progress: ClassProgress, stop: threading.Event, *, timeout_s: float = 600.0
) -> Iterator[Path]:
    """Yield a folder with roster and submissions; it holds private keys, so it is gone at the end.

    The script is called with `--output FOLDER`; a line of JSON such as {"stage": "build s01", "share": 0.4} on its
    output moves the bar.

    Raises:
        BenchError: the script failed, or did not end in time.
    """
    folder = Path(tempfile.mkdtemp(prefix="kitbench-class-"))
    try:
        progress.show(NAME, "generate", 0.0)
        finished = run_child(
            python(str(script), "--output", str(folder / "class")),
            log=folder / "generate.log",
            timeout_s=timeout_s,
            stop=stop,
            on_line=lambda line: show_told(progress, NAME, line),
        )
        if finished.stopped:
            raise BenchError("the generation of the class was interrupted", stage="generate")
        if finished.timed_out or finished.status != 0:
            last = one_line(finished.tail[-1]) if finished.tail else "no message"
            raise BenchError(f"{script.name} did not generate the class: {last}", stage="generate")
        progress.show(NAME, f"generated in {finished.seconds:.0f} s", 1.0)
        yield folder / "class"
    finally:
        remove(folder)
