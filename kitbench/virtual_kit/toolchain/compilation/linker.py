"""Links objects into the app's module, with a map of where everything is."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import GapError
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.blame.refusal import SHIM_PREFIX, Refusal
from kitbench.virtual_kit.toolchain.compilation.c_library import CLibrary
from kitbench.virtual_kit.toolchain.compilation.link_map import OwnBytes, Symbol, own_bytes, parse
from kitbench.virtual_kit.toolchain.compilation.room import require_ram
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.limits import BuildLimits

#: Names stay, for backtraces; debug information goes. A function whose declaration and definition differ would be a
#: warning, and a trap when it is called. The C library's own abort() says nothing: `src/panics.c` has the chip's.
_FLAGS: Final = (
    "--no-demangle",
    "--wrap=abort",
    "--error-limit=20",
    "--fatal-warnings",
    "--strip-debug",
    "--stack-first",
    "--build-id=none",
)
_ENTRY: Final = ("--entry", "_initialize")


#: Constants are in flash on the chip, and in the module's memory here: it begins as large as they need it.
_NEEDED: Final = re.compile(r"initial memory too small, (?P<bytes>\d+) bytes needed")
_PAGE: Final = 65536
#: Behind the data, so that the heap finds room before it asks for more.
_SPARE_PAGES: Final = 2
#: The kit's memory, of which the last page may not be there at the start.
_MOST_AT_START: Final = (4 << 20) - _PAGE


@dataclass(frozen=True, slots=True)
class Linked:
    """The module, the symbols that have bytes in it, and what of its data is the project's own."""

    module: bytes
    symbols: tuple[Symbol, ...]
    own: OwnBytes


def link(  # noqa: PLR0913 - one argument per thing that a link is made of
    objects: Sequence[tuple[Path, str]],
    library: CLibrary,
    cpp: Sequence[Path],
    confinement: Confinement,
    refusal: Refusal,
    *,
    timeout_s: float,
    limits: BuildLimits,
) -> Linked:
    """Link the app.

    Args:
        objects: object files, each with its source as messages show it.
        library: the C library.
        cpp: archives of C++'s, where the project has any.
        confinement: what the linker may touch.
        refusal: judges what the linker says.
        timeout_s: how long it may take.
        limits: the module's size among them.

    Raises:
        KitError: the project lacks a function or defines it twice, or its variables are more than the chip's RAM.
        GapError: the stand-in lacks a function, or has no room for an app of this size.
    """
    scratch = confinement.scratch
    module, listing = scratch / "app.wasm", scratch / "app.map"
    command = [zig.program(), "wasm-ld", *_FLAGS, *_ENTRY, *zig.linker_flags(), f"--Map={listing}", "-o", str(module)]
    command += [
        str(library.start),
        *(str(path) for path, _ in objects),
        *(str(path) for path in cpp),
        *library.inputs[1:],
    ]
    result = confinement.run(command, folder=scratch, timeout_s=timeout_s)
    if memory := _memory_needed(result.output):
        result = confinement.run([*command, f"--initial-memory={memory}"], folder=scratch, timeout_s=timeout_s)
    if result.status != 0 or not module.is_file():
        raise refusal.of_link(result.output, {str(path): shown for path, shown in objects}, result.status)
    data, text = module.read_bytes(), listing.read_text("utf-8", "replace")
    own = own_bytes(text, {str(path) for path, shown in objects if not shown.startswith(SHIM_PREFIX)})
    require_ram(own)
    if len(data) > limits.app_size:
        raise GapError(f"room for an app of {len(data)} bytes: at most {limits.app_size} fit")
    return Linked(data, parse(text, data), own)


def _memory_needed(output: str) -> int:
    """Return the bytes of memory that a module needs at its start, 0 for one that fits, or never will."""
    found = _NEEDED.search(output)
    if found is None:
        return 0
    memory = (int(found["bytes"]) // _PAGE + 1 + _SPARE_PAGES) * _PAGE
    return memory if memory <= _MOST_AT_START else 0
