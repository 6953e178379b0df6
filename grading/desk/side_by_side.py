"""How many submissions are graded side by side on this machine."""

import os
from typing import Final

_RUNS_A_CORE: Final = 3
#: With as much again to spare, in bytes.
_MEMORY_A_RUN: Final = 512 << 20


def usual_jobs() -> int:
    """Return how many virtual kits this machine runs side by side."""
    return default_jobs(_cores(), _memory())


def builders() -> int:
    """Return how many projects this machine builds at a time for a pool of attached kits."""
    return _cores()


def pool_jobs(kits: int) -> int:
    """Return how many submissions are under way with so many attached kits: one on each, and those that are built."""
    return max(1, min(kits + builders(), _memory() // _MEMORY_A_RUN))


def default_jobs(cores: int, memory: int) -> int:
    """Return how many virtual kits are run side by side: a run mostly waits, and takes a quarter of a gigabyte."""
    return max(1, min(_RUNS_A_CORE * cores, memory // _MEMORY_A_RUN))


def _memory() -> int:
    """Return this machine's memory in bytes."""
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 8 << 30


def _cores() -> int:
    """Return on how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2
