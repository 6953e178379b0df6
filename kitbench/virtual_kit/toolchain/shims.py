"""The shims that stand for ESP-IDF, compiled: from the user's cache, for they hold nothing of any project.

They see only those symbols of the configuration that their own text names, so that one set of objects serves almost
every project, and no password of a project's sdkconfig reaches the cache.
"""

import re
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Final

from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain.cache_folder import cache_folder
from kitbench.virtual_kit.toolchain.compiler import Compiler, Progress, Unit, no_progress, sdkconfig_header
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.kconfig import Configuration
from kitbench.virtual_kit.toolchain.object_cache import ObjectCache

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
        KitError: one does not compile with the project's configuration.
    """
    config = confinement.scratch / "shim_config"
    made = confinement.scratch / "shims"
    for folder in (config, made):
        folder.mkdir(exist_ok=True)
    (config / "sdkconfig.h").write_text(sdkconfig_header(configuration.definitions(symbols_of_shims())))
    cached = ObjectCache(cache_folder() / "shims")
    compiler = Compiler(config, made, confinement, cached, frozenset(), deadline)
    sources = esp_idf.sources()
    units = [Unit(path, f"esp_idf/{path.name}", (config,), trusted=True) for path in sources]
    with ThreadPoolExecutor(confinement.limits.parallel) as pool:
        objects = []
        for number, path in enumerate(pool.map(compiler.compile, units, range(len(units)))):
            objects.append((path, units[number].shown))
            progress("compiling ESP-IDF's stand-in", number + 1, len(units))
    return objects
