"""Fills the caches that hold nothing of any project, so that the first build is as fast as the others."""

import tempfile
import time
from pathlib import Path

from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.compilation.c_library import c_library
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from kitbench.virtual_kit.toolchain.compilation.compiler import Progress, no_progress
from kitbench.virtual_kit.toolchain.compilation.shims import compile_shims
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.kconfig import ConfigurationJob, configure
from kitbench.virtual_kit.toolchain.limits import BuildLimits


def warm_up(progress: Progress = no_progress) -> float:
    """Build the C library and the shims with ESP-IDF's default configuration; return the seconds it took.

    Raises:
        BenchError: the toolchain failed.
    """
    started = time.monotonic()
    c_library(progress)
    limits = BuildLimits()
    deadline = time.monotonic() + limits.seconds
    with tempfile.TemporaryDirectory(prefix="kitbench-warm-") as folder:
        scratch = Path(folder).resolve()
        readable = (esp_idf.include_dir().parent, zig.folder(), cache_folder())
        confinement = Confinement(readable, (scratch,), scratch, limits)
        configuration = configure(ConfigurationJob(scratch, (), (), {}), confinement, deadline=deadline)
        compile_shims(configuration, confinement, deadline=deadline, progress=progress)
    return time.monotonic() - started
