"""A program that fails without naming a line: the machine's fault, a gap, or a bound that the source ran into."""

import pytest

from kitbench.errors import BenchError, GapError, KitError
from kitbench.virtual_kit.toolchain.blame.tool_failure import tool_failure


@pytest.mark.parametrize(
    ("output", "status", "kind"),
    [
        ("error: unable to open output file 'x.o': 'No space left on device'", 1, BenchError),
        ("LLVM ERROR: IO failure on output stream: No space left on device", 1, BenchError),
        ("wasm-ld: error: failed to write output 'app.wasm': Disk quota exceeded", 1, BenchError),
        ("", -9, BenchError),
        ("", 127, BenchError),
        ("", 1, BenchError),
        ("", 0, BenchError),
        ("", -11, GapError),
        ("zig: error: clang frontend command failed with exit code 139 (use -v to see invocation)", 1, GapError),
        ("LLVM ERROR: out of memory", -6, KitError),
        ("", -24, KitError),
        ("", -25, KitError),
    ],
)
def test_fault_of_an_end(output: str, status: int, kind: type[Exception]) -> None:
    error = tool_failure("the compiler", "main/a.c", output, status)

    assert type(error) is kind
    assert "main/a.c" in str(error)
