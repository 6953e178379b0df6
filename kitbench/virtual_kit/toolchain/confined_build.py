"""Builds a stranger's project in a process of its own, so that whoever asks reads none of its files.

Compilers and the evaluator of Kconfig have confined processes of their own within that one. What it may write is the
build folder, a private folder and the shims' cache; private keys reach it through a pipe.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits
from kitbench.errors import UsageError
from kitbench.firmware.overlay import Overlay
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.compilation.c_library import c_library, cpp_archives
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from kitbench.virtual_kit.toolchain.compilation.compiler import Progress, no_progress
from kitbench.virtual_kit.toolchain.languages import has_cpp
from kitbench.virtual_kit.toolchain.limits import BuildLimits
from kitbench.virtual_kit.toolchain.project.workspace import private_folder
from kitbench.virtual_kit.toolchain.project_build import Build, build_project

#: Of the reading process itself; the whole AWS SDK with its example needs 90 MB.
_OWN_MEMORY: Final = 512 << 20
#: What a build says beside its own limit of time: start, and telling.
_SPARE_S: Final = 30.0
_OUTPUT: Final = 4 << 20


@dataclass(frozen=True, slots=True)
class Made:
    """What a build says of itself: the app's name, seconds, and what was compiled."""

    name: str
    seconds: float
    compiled: tuple[str, ...]


def build_confined(  # noqa: PLR0913 - as `build_project`
    project: Path,
    build_dir: Path,
    *,
    overlay: Overlay | None = None,
    variant: str | None = None,
    limits: BuildLimits | None = None,
    esp_aws_iot: Path | None = None,
    idf: str = "",
    progress: Progress = no_progress,
) -> Build:
    """Build a project as `build_project` does, and raise what it raises; what it compiles anew is kept in `build_dir`.

    Raises:
        KitError: also when the project takes too much memory or processor time to read.
    """
    if not project.is_dir():
        raise UsageError(f"project folder {str(project)!r} does not exist", stage="build")
    # The libraries hold nothing of any project, and are kept out of a project's reach.
    c_library(progress)
    if has_cpp(project):
        cpp_archives(progress)
    limits = limits or BuildLimits()
    readable = [project.resolve(), *([esp_aws_iot.resolve()] if esp_aws_iot else [])]
    with _box(limits, readable, build_dir) as box:
        call = ConfinedCall("the project", "build", box)
        order: dict[str, Any] = {"overlay": overlay, "variant": variant, "limits": limits, "idf": idf}
        order["esp_aws_iot"] = esp_aws_iot.resolve() if esp_aws_iot else None
        made = call.watched(progress, build_here, readable[0], build_dir.resolve(), **order)
    files = (build_dir / f"{made.name}.bin", build_dir / f"{made.name}.elf", build_dir / "flasher_args.json")
    return Build(build_dir, *files, made.seconds, made.compiled)


def build_here(project: Path, build_dir: Path, **order: Any) -> Made:
    """Build in this process, which is confined, with less memory than its compilers have."""
    _bound_memory(_OWN_MEMORY)
    build = build_project(project, build_dir, **order)
    return Made(build.elf.stem, build.seconds, build.compiled)


@contextmanager
def _box(limits: BuildLimits, readable: list[Path], build_dir: Path) -> Iterator[Box]:
    shims = cache_folder() / "shims"
    for folder in (build_dir, shims):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with private_folder() as scratch:
        places = dict.fromkeys(("HOME", "TMPDIR"), str(scratch))
        yield Box(
            Limits(limits.seconds + _SPARE_S, limits.cpu_seconds, limits.memory, limits.file_size, _OUTPUT),
            readable=(*readable, cache_folder().resolve(), zig.folder()),
            writable=(build_dir.resolve(), shims.resolve(), scratch),
            executable=(Path(sys.executable), Path(zig.program())),
            environment={**places, "XDG_CACHE_HOME": str(cache_folder().resolve().parent)},
        )


def _bound_memory(size: int) -> None:
    """Bound this process's data, not that of those which it starts: they may have up to the hard limit."""
    try:
        import resource  # noqa: PLC0415 - absent on Windows
    except ImportError:
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (size if hard == resource.RLIM_INFINITY else min(size, hard), hard))
