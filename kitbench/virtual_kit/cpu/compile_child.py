"""Compiles one module, from stdin to stdout, in a process that may take only so much time and memory."""

import sys
from typing import Final

import wasmtime

from kitbench.virtual_kit.cpu.engine import engine
from kitbench.virtual_kit.cpu.memory_waits import without_waits

#: The course's example takes 64 MB.
_MEMORY_BYTES: Final = 1 << 30


def main() -> None:
    """Compile; exit 1 with a line on stderr where it is no module, or end by a signal at the limits.

    The argument is the CPU time in seconds: wall-clock time would depend on what else the machine does.
    """
    _limit_resources(int(sys.argv[1]))
    module = sys.stdin.buffer.read()
    try:
        wasmtime.Module.validate(engine(), module)
        made = wasmtime.Module(engine(), without_waits(module)).serialize()
    except (wasmtime.WasmtimeError, ValueError) as error:
        sys.exit(str(error).splitlines()[0])
    sys.stdout.buffer.write(made)


def _limit_resources(cpu_seconds: int) -> None:
    try:
        import resource  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return
    wanted = {resource.RLIMIT_CPU: cpu_seconds, resource.RLIMIT_DATA: _MEMORY_BYTES, resource.RLIMIT_CORE: 0}
    for kind, value in wanted.items():
        _, hard = resource.getrlimit(kind)
        bounded = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (bounded, bounded))


if __name__ == "__main__":
    main()
