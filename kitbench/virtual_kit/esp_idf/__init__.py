"""ESP-IDF for the virtual kit: shim headers and C sources compiled together with the app, as package data.

The flags stand here once, for the toolchain and for the tests: each new set of flags rebuilds the C library.
"""

from pathlib import Path
from typing import Final

#: What the compiler runs for. Threads are instances that share one memory, hence the atomics.
TARGET_FLAGS: Final = ("-target", "wasm32-wasi", "-mcpu=generic+atomics+bulk_memory", "-mexec-model=reactor")

#: Flags of every C file, the app's and the shims'.
COMPILE_FLAGS: Final = (
    *TARGET_FLAGS,
    "-std=gnu17",
    "-Os",
    # The link drops debug information: what -g adds to it is a tenth of the compiler's time, and no other app.
    "-gline-tables-only",
    # As Xtensa's GCC has it: "%02x" of a char prints two digits.
    "-funsigned-char",
    # Without these a NULL dereference would read or write address 0 and go on, and the compiler would take a division
    # by zero for impossible. What the device lets pass (overflows, shifts, alignment) passes here, too.
    "-fsanitize=null,integer-divide-by-zero",
    "-fno-sanitize-trap=all",
    "-fno-sanitize-recover=all",
    "-fsanitize-undefined-strip-path-components=-2",
    "-fno-delete-null-pointer-checks",
    # The compiler knows what malloc() does and would drop a block that is freed twice, or a malloc(0).
    "-fno-builtin-malloc",
    "-fno-builtin-calloc",
    "-fno-builtin-realloc",
    "-fno-builtin-free",
    # The C library's own abort() is a bare trap that says nothing.
    "-Dabort=kit_abort",
    # zig takes -Os for a release and would drop assert(), which ESP-IDF keeps.
    "-UNDEBUG",
    "-DESP_PLATFORM=1",
    "-D_GNU_SOURCE=1",
)

#: Flags of the app's own files only: each basic block asks whether another task should run (`src/preemption.c`). The C
#: library and the shims are never interrupted, so that they need no locks.
APP_FLAGS: Final = ("-fsanitize-coverage=bb,no-prune,trace-pc",)

#: Flags of the link, beside TARGET_FLAGS.
LINK_FLAGS: Final = (
    "-Wl,--import-memory",
    "-Wl,--shared-memory",
    # Initial must be below the maximum, or malloc finds no room; zig's default stack of 16 MB is never used.
    "-Wl,--initial-memory=524288",
    "-Wl,--max-memory=4194304",
    "-Wl,-z,stack-size=32768",
    "-Wl,--export-table",
    "-Wl,--export=__stack_pointer",
    "-Wl,--export=kit_app_start",
    "-Wl,--export=kit_task_entry",
    "-Wl,--export=kit_preempt",
)


def include_dir() -> Path:
    """Return the folder to give to the compiler with `-isystem`; `sdkconfig.h` comes from the build."""
    return Path(__file__).parent / "include"


def include_dir_of_4() -> Path:
    """Return the folder that goes before it for projects of ESP-IDF 4.4: the headers that were different then."""
    return Path(__file__).parent / "include_4"


def sources() -> tuple[Path, ...]:
    """Return the C shims in a fixed order; every app is linked with all of them."""
    return tuple(sorted((Path(__file__).parent / "src").rglob("*.c")))
