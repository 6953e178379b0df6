"""Fills the caches of the virtual kit's toolchain before a class, so that no student's build waits for them."""

import tempfile
import threading
from pathlib import Path
from typing import Final

from kitbench.confinement.python_process import environment, python

from .judgement import one_line
from .running.child_process import run_child
from .running.progress import ClassProgress, show_told

NAME: Final = "toolchain"
#: A slow machine compiles the C library and the stand-in for ESP-IDF for some minutes, once.
_WITHIN_S: Final = 900.0


def warm_up(progress: ClassProgress, stop: threading.Event) -> None:
    """Run `kitbench build --warm`, its steps shown; where it fails the first build says why, and whose fault it is."""
    with tempfile.TemporaryDirectory(prefix="kitbench-warm-") as folder:
        progress.show(NAME, "look at the caches", 0.0)
        finished = run_child(
            python("-m", "kitbench", "build", "--warm", "--json"),
            log=Path(folder) / "warm.log",
            timeout_s=_WITHIN_S,
            stop=stop,
            on_line=lambda line: show_told(progress, NAME, line),
            environment=environment(),
        )
    if finished.status == 0:
        progress.show(NAME, f"ready in {finished.seconds:.0f} s", 1.0)
    else:
        progress.show(NAME, one_line(finished.tail[-1] if finished.tail else "could not be warmed"), 1.0)
