"""The libraries of C and C++, built once by zig from its own sources and kept in the user's cache folder."""

import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from kitbench.virtual_kit.toolchain.compilation.compiler import Progress, no_progress
from kitbench.virtual_kit.toolchain.compilation.object_cache import key_of

_FILES: Final = ("crt1-reactor.o", "libc.a", "libzigc.a", "libcompiler_rt.a")
_CPP_FILES: Final = ("libc++.a", "libc++abi.a")
_LINK_LINE: Final = re.compile(r"^wasm-ld .*$", re.MULTILINE)
_TIMEOUT_S: Final = 600.0


@dataclass(frozen=True, slots=True)
class CLibrary:
    """What every app is linked with, in the linker's order."""

    start: Path
    archives: tuple[Path, ...]

    @property
    def inputs(self) -> tuple[str, ...]:
        """The files as linker arguments; they stand behind the app's own objects."""
        return (str(self.start), *(str(path) for path in self.archives))


def c_library(progress: Progress = no_progress) -> CLibrary:
    """Return the C library, built first where the cache has none: half a minute, once per user.

    Raises:
        BenchError: it cannot be built or kept.
    """
    start, *archives = _kept("c-library", "cc", _FILES, progress)
    return CLibrary(start, tuple(archives))


def cpp_archives(progress: Progress = no_progress) -> tuple[Path, ...]:
    """Return what a project with C++ is linked with beside the C library, built first where the cache has none.

    Raises:
        BenchError: it cannot be built or kept.
    """
    return _kept("cpp-library", "c++", _CPP_FILES, progress)


def _kept(name: str, driver: str, files: tuple[str, ...], progress: Progress) -> tuple[Path, ...]:
    folder = cache_folder() / name / key_of(zig.version(), *esp_idf.TARGET_FLAGS)[:16]
    if not all((folder / file).is_file() for file in files):
        what = f"building the {'C++' if driver == 'c++' else 'C'} library (once)"
        progress(what, 0, 1)
        _build_into(folder, driver, files)
        progress(what, 1, 1)
    return tuple(folder / file for file in files)


def _build_into(folder: Path, driver: str, files: tuple[str, ...]) -> None:
    try:
        folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryDirectory(prefix="kitbench-libc-") as scratch:
            line = _link_line(Path(scratch), driver)
            made = Path(tempfile.mkdtemp(prefix=".new-", dir=folder.parent))
            for name in files:
                path = next((item for item in line.split() if item.endswith(f"/{name}")), None)
                if path is None:
                    raise BenchError(f"the compiler links no {name!r}", stage="build")
                shutil.copyfile(Path(scratch) / path, made / name)
        _move_into_place(made, folder)
    except OSError as error:
        raise BenchError(f"cannot keep the C library in {str(folder)!r}: {error}", stage="build") from error


def _move_into_place(made: Path, folder: Path) -> None:
    """Give the folder its name; where another build was first, its library is as good."""
    try:
        made.rename(folder)
    except OSError:
        shutil.rmtree(made, ignore_errors=True)
        if not folder.is_dir():
            raise


def _link_line(scratch: Path, driver: str) -> str:
    """Have zig link an empty app, which builds the library, and return the linker's command line that it shows."""
    name = "empty.cpp" if driver == "c++" else "empty.c"
    (scratch / name).write_text("int kit_empty;\n")
    command = [zig.program(), driver, *esp_idf.TARGET_FLAGS, "-Os", "-v", name, "-o", "empty.wasm"]
    command += ["-Wl,--shared-memory", "-Wl,--import-memory", "-Wl,--max-memory=67108864"]
    environment = {"ZIG_GLOBAL_CACHE_DIR": str(scratch), "ZIG_LOCAL_CACHE_DIR": str(scratch), "HOME": str(scratch)}
    environment["PATH"] = os.defpath
    try:
        done = subprocess.run(
            command, cwd=scratch, env=environment, capture_output=True, text=True, timeout=_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise BenchError(f"cannot build the C library: {error}", stage="build") from error
    match = _LINK_LINE.search(done.stderr + done.stdout)
    if done.returncode != 0 or match is None:
        tail = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise BenchError(f"cannot build the C library: {tail[:200]}", stage="build")
    return match[0]
