"""The C compiler that comes as a Python wheel: where it is, and the flags for the virtual kit's target.

Compiling and linking call zig's `clang` and `wasm-ld` directly: unlike `zig cc` they keep no cache, so that no object
with a private key in it stays behind anywhere.
"""

import importlib.metadata
import importlib.util
import sys
from functools import cache
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError
from kitbench.extras import Extra, command
from kitbench.virtual_kit import esp_idf

#: What `zig cc` makes of TARGET_FLAGS of the shims' package.
_CLANG_TARGET: Final = ("--target=wasm32-unknown-wasip1", "-mcpu=generic", "-matomics", "-mbulk-memory")
_INCLUDES: Final = ("include", "libc/include/wasm-wasi-musl", "libc/include/generic-musl")


@cache
def folder() -> Path:
    """Return the folder of the installed wheel `ziglang`.

    Raises:
        BenchError: it is not installed.
    """
    spec = importlib.util.find_spec("ziglang")
    if spec is None or spec.origin is None:
        raise BenchError("the wheel 'ziglang' is not installed", stage="build", fix=command(Extra.VIRTUAL))
    return Path(spec.origin).parent.resolve()


def program() -> str:
    """Return the compiler's path."""
    return str(folder() / ("zig.exe" if sys.platform == "win32" else "zig"))


@cache
def version() -> str:
    """Return the wheel's version."""
    return importlib.metadata.version("ziglang")


def library_folder() -> Path:
    """Return the folder with the compiler's own headers and the C library's."""
    return folder() / "lib"


def header_folders() -> tuple[Path, ...]:
    """Return the folders of the compiler's own headers and the C library's, in the order of search."""
    return tuple(library_folder() / name for name in _INCLUDES)


def compile_flags() -> tuple[str, ...]:
    """Return the flags of every C file: target, the shims' own flags, the C library's headers."""
    flags = [flag for flag in esp_idf.COMPILE_FLAGS if flag not in esp_idf.TARGET_FLAGS]
    includes = [argument for folder in header_folders() for argument in ("-isystem", str(folder))]
    return (
        *_CLANG_TARGET,
        "-fvisibility=hidden",
        *flags,
        "-nostdinc",
        "-isystem",
        str(esp_idf.include_dir()),
        *includes,
    )


def assemble_flags() -> tuple[str, ...]:
    """Return the flags of an assembly file."""
    return _CLANG_TARGET


def linker_flags() -> tuple[str, ...]:
    """Return the shims' link flags as the linker itself wants them."""
    return tuple(part for flag in esp_idf.LINK_FLAGS for part in flag.removeprefix("-Wl,").split(","))
