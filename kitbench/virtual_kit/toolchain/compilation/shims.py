"""The shims that stand for ESP-IDF, compiled: from the user's cache, for they hold nothing of any project.

They see only those symbols of the configuration that their own text names, so that one set of objects serves almost
every project, and no password of a project's sdkconfig reaches the cache.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, GapError, KitError
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain.blame.refusal import SHIM_PREFIX
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from kitbench.virtual_kit.toolchain.compilation.compiler import Compiler, Progress, Unit, no_progress, sdkconfig_header
from kitbench.virtual_kit.toolchain.compilation.object_cache import ObjectCache
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.kconfig import Configuration

_SYMBOL: Final = re.compile(r"\bCONFIG_([A-Za-z0-9_]+)")


@cache
def symbols_of_shims() -> frozenset[str]:
    """Return the configuration symbols that the shims' text names."""
    folder = esp_idf.include_dir().parent
    files = [path for pattern in ("*.h", "*.c") for path in folder.rglob(pattern)]
    return frozenset(match[1] for path in files for match in _SYMBOL.finditer(path.read_text("utf-8")))


def compile_shims(
    configuration: Configuration,
    confinement: Confinement,
    *,
    deadline: float,
    progress: Progress = no_progress,
) -> list[tuple[Path, str]]:
    """Return the shims' objects, each with its source's name.

    Raises:
        GapError: one does not compile with the project's configuration.
        BenchError: one does not compile at all.
    """
    config = confinement.scratch / "shim_config"
    made = confinement.scratch / "shims"
    for folder in (config, made):
        folder.mkdir(exist_ok=True)
    (config / "sdkconfig.h").write_bytes(sdkconfig_header(configuration.definitions(symbols_of_shims())))
    cached = ObjectCache(cache_folder() / "shims")
    compiler = Compiler(config, made, confinement, cached, frozenset(), deadline)
    units = [Unit(path, f"{SHIM_PREFIX}{path.name}", (config,), trusted=True) for path in esp_idf.sources()]
    objects: list[tuple[Path, str]] = []
    with ThreadPoolExecutor(confinement.limits.parallel) as pool:
        for unit, path in zip(units, pool.map(partial(_compile, compiler), units, range(len(units))), strict=True):
            objects.append((path, unit.shown))
            progress("compiling ESP-IDF's stand-in", len(objects), len(units))
    return objects


def _compile(compiler: Compiler, unit: Unit, number: int) -> Path:
    """Compile a shim; where it fails, it is not the student's fault: no shim of ours is part of ESP-IDF."""
    try:
        return compiler.compile(unit, number)
    except (KitError, GapError) as error:
        plain = compiler.scratch / f"plain-{number}"
        plain.mkdir()
        (plain / "sdkconfig.h").write_bytes(sdkconfig_header({}))
        alone = replace(compiler, root=plain, scratch=plain, cache=None)
        try:
            alone.compile(replace(unit, include_dirs=(plain,)), number)
        except (KitError, GapError):
            raise BenchError(error.message, stage="build") from error
        raise GapError("what the project's configuration asks for", where=error.message) from error
