"""The shims that stand for ESP-IDF, compiled: from the user's cache, for they hold nothing of any project.

Each sees only those symbols of the configuration that its own text names, so that one set of objects serves almost
every project, and no password of a project's sdkconfig reaches the cache: the shims name none.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError, GapError, KitError
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.toolchain.blame.refusal import SHIM_PREFIX
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from kitbench.virtual_kit.toolchain.compilation.compiler import Compiler, Progress, Unit, no_progress, sdkconfig_header
from kitbench.virtual_kit.toolchain.compilation.object_cache import ObjectCache
from kitbench.virtual_kit.toolchain.compilation.shim_symbols import symbols_of
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.kconfig import Configuration

#: Shims of one start of the compiler, which costs half as much as a shim.
_AT_ONCE: Final = 8


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
    seen = {path: symbols_of(path) for path in esp_idf.sources()}
    header = sdkconfig_header(configuration.definitions(frozenset().union(*seen.values())))
    (config / "sdkconfig.h").write_bytes(header)
    cached = ObjectCache(cache_folder() / "shims")
    compiler = Compiler(config, made, confinement, cached, frozenset(), deadline)
    units = [
        Unit(path, f"{SHIM_PREFIX}{path.name}", (config,), trusted=True, settings=_settings(configuration, symbols))
        for path, symbols in seen.items()
    ]
    objects = {number: path for number, unit in enumerate(units) if (path := compiler.kept(unit, number)) is not None}
    progress("compiling ESP-IDF's stand-in", len(objects), len(units))
    groups = list(batched([(unit, number) for number, unit in enumerate(units) if number not in objects]))
    with ThreadPoolExecutor(confinement.limits.parallel) as pool:
        for group, paths in zip(groups, pool.map(partial(_compile_group, compiler), groups), strict=True):
            objects |= {number: path for (_, number), path in zip(group, paths, strict=True)}
            progress("compiling ESP-IDF's stand-in", len(objects), len(units))
    return [(objects[number], unit.shown) for number, unit in enumerate(units)]


def _settings(configuration: Configuration, symbols: frozenset[str]) -> bytes:
    return sdkconfig_header(dict(sorted(configuration.definitions(symbols).items())))


def batched(units: Sequence[tuple[Unit, int]]) -> Iterator[list[tuple[Unit, int]]]:
    """Yield the units in groups of one start of the compiler each; its objects have their sources' names."""
    group: list[tuple[Unit, int]] = []
    for unit, number in units:
        if len(group) == _AT_ONCE or any(unit.source.stem == other.source.stem for other, _ in group):
            yield group
            group = []
        group.append((unit, number))
    if group:
        yield group


def _compile_group(compiler: Compiler, group: Sequence[tuple[Unit, int]]) -> list[Path]:
    return compiler.compile_together(group) or [_compile(compiler, unit, number) for unit, number in group]


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
