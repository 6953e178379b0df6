"""A limit to what all kits of a process may take of the host's memory, whatever their firmware does.

Limits of address space are no good here: wasmtime reserves much more than it uses. `RLIMIT_DATA` counts private memory
that can be written (Linux 4.7 and later, getrlimit(2)), stacks of threads in full.
"""

from typing import Final

#: Python, libraries, compiled modules, and for a moment what the compiling process replies; 0.2 GB are usual.
PROCESS_BYTES: Final = 2 << 30
#: A kit with as many tasks as it may have takes 0.55 GB, all but 0.05 of it for the stacks of their threads.
KIT_BYTES: Final = 3 << 28


def limit_memory(kits: int) -> None:
    """Let this process have no more than so many kits need at most; do nothing where there is no such limit.

    What goes beyond fails: an allocation of Python's with MemoryError, one of wasmtime's may end the process.
    """
    try:
        import resource  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return
    wanted = PROCESS_BYTES + kits * KIT_BYTES
    soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    stricter = [limit for limit in (soft, hard) if limit != resource.RLIM_INFINITY]
    resource.setrlimit(resource.RLIMIT_DATA, (min([wanted, *stricter]), hard))
