"""Links objects into the app's module, with a map of where everything lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.blame.refusal import Refusal
from kitbench.virtual_kit.toolchain.compilation.c_library import CLibrary
from kitbench.virtual_kit.toolchain.compilation.link_map import Symbol, parse
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.limits import BuildLimits

#: Names stay, for backtraces; debug information goes. A function whose declaration and definition differ would be a
#: warning, and a trap when it is called.
_FLAGS: Final = ("--error-limit=20", "--fatal-warnings", "--strip-debug", "--stack-first", "--build-id=none")
_ENTRY: Final = ("--entry", "_initialize")


@dataclass(frozen=True, slots=True)
class Linked:
    """The module and the symbols that have bytes in it."""

    module: bytes
    symbols: tuple[Symbol, ...]


def link(  # noqa: PLR0913 - one argument per thing that a link is made of
    objects: Sequence[tuple[Path, str]],
    library: CLibrary,
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
        confinement: what the linker may touch.
        refusal: judges what the linker says.
        timeout_s: how long it may take.
        limits: the module's size among them.

    Raises:
        KitError: the project lacks a function or defines it twice, or the module is too large.
        GapError: the stand-in lacks a function.
    """
    scratch = confinement.scratch
    module, listing = scratch / "app.wasm", scratch / "app.map"
    command = [zig.program(), "wasm-ld", *_FLAGS, *_ENTRY, *zig.linker_flags(), f"--Map={listing}", "-o", str(module)]
    command += [str(library.start), *(str(path) for path, _ in objects), *library.inputs[1:]]
    result = confinement.run(command, folder=scratch, timeout_s=timeout_s)
    if result.status != 0 or not module.is_file():
        raise refusal.of_link(result.output, {str(path): shown for path, shown in objects}, result.status)
    data = module.read_bytes()
    if len(data) > limits.app_size:
        raise KitError(f"the app is {len(data)} bytes, at most {limits.app_size} fit", stage="build")
    return Linked(data, parse(listing.read_text("utf-8", "replace"), data))
