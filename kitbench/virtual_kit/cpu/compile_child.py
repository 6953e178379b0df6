"""Compiles one module, from stdin to stdout, in a confined process."""

import sys

import wasmtime

from kitbench.virtual_kit.cpu.engine import engine
from kitbench.virtual_kit.cpu.memory_waits import without_waits


def main() -> None:
    """Compile; exit 1 with a line on stderr where it is no module."""
    module = sys.stdin.buffer.read()
    try:
        wasmtime.Module.validate(engine(), module)
        made = wasmtime.Module(engine(), without_waits(module)).serialize()
    except (wasmtime.WasmtimeError, ValueError) as error:
        sys.exit(str(error).splitlines()[0])
    sys.stdout.buffer.write(made)


if __name__ == "__main__":
    main()
