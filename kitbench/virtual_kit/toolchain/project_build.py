"""Builds an ESP-IDF project for the virtual kit: private copy, configuration, objects, module, build folder."""

import hashlib
import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import GapError, KitError
from kitbench.firmware.overlay import Overlay
from kitbench.flash_format import app_image
from kitbench.flash_format.app_image import AppDescription
from kitbench.virtual_kit import app_module, esp_idf
from kitbench.virtual_kit.toolchain import zig
from kitbench.virtual_kit.toolchain.blame.refusal import SHIM_PREFIX, Refusal
from kitbench.virtual_kit.toolchain.build_folder import Images, flash_layout, write_build_folder
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree
from kitbench.virtual_kit.toolchain.compilation import symbol_elf
from kitbench.virtual_kit.toolchain.compilation.c_library import c_library, cpp_archives
from kitbench.virtual_kit.toolchain.compilation.cache_folder import cache_folder
from kitbench.virtual_kit.toolchain.compilation.compiler import Compiler, Progress, Unit, no_progress, sdkconfig_header
from kitbench.virtual_kit.toolchain.compilation.embedded_files import embed, embed_texts
from kitbench.virtual_kit.toolchain.compilation.linker import Linked, link
from kitbench.virtual_kit.toolchain.compilation.object_cache import ObjectCache
from kitbench.virtual_kit.toolchain.compilation.room import require_room
from kitbench.virtual_kit.toolchain.compilation.shims import compile_shims
from kitbench.virtual_kit.toolchain.compilation.tentative_definitions import merge_tentative
from kitbench.virtual_kit.toolchain.confinement import Confinement
from kitbench.virtual_kit.toolchain.esp_idf_generation import generation_of
from kitbench.virtual_kit.toolchain.kconfig import Configuration, ConfigurationJob, configure
from kitbench.virtual_kit.toolchain.languages import CPP_SUFFIXES, has_cpp
from kitbench.virtual_kit.toolchain.limits import BuildLimits
from kitbench.virtual_kit.toolchain.project.component import CompileSettings
from kitbench.virtual_kit.toolchain.project.platformio import PlatformIoProject, read_platformio
from kitbench.virtual_kit.toolchain.project.project_file import Project, ProjectFile, read_project
from kitbench.virtual_kit.toolchain.project.workspace import Workspace, prepare, private_folder
from kitbench.virtual_kit.toolchain.project_facts import ProjectFacts
from kitbench.virtual_kit.toolchain.requirements.resolution import check_requirements
from kitbench.virtual_kit.toolchain.requirements.visibility import visibility_of

_CHIP: Final = "esp32"
_MISSING_NAME: Final = re.compile(r"header '|declared neither|is not in|no member named|unknown type")
_FETCH: Final = "nothing is fetched here: run `idf.py reconfigure` and hand in managed_components/, too"
_ENTRY: Final = app_module.IROM_BASE + 0x20


@dataclass(frozen=True, slots=True)
class Build:
    """What a build has made.

    Attributes:
        build_dir: as `idf.py build` leaves it.
        app_bin: the app's image.
        elf: names for its pseudo addresses.
        flasher_args: what goes where in flash.
        seconds: how long it took.
        compiled: files that were really compiled or embedded; the others came from the cache.
    """

    build_dir: Path
    app_bin: Path
    elf: Path
    flasher_args: Path
    seconds: float
    compiled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Order:
    project: Path
    build_dir: Path
    overlay: Overlay
    variant: str | None
    limits: BuildLimits
    esp_aws_iot: Path | None
    idf: str
    progress: Progress


def build_project(  # noqa: PLR0913 - one keyword per thing that a build may be told
    project: Path,
    build_dir: Path,
    *,
    overlay: Overlay | None = None,
    variant: str | None = None,
    limits: BuildLimits | None = None,
    esp_aws_iot: Path | None = None,
    idf: str = "",
    object_cache: Path | None = None,
    progress: Progress = no_progress,
) -> Build:
    """Build the project into `build_dir`; the project's own folder is not written to.

    Args:
        project: the project's folder.
        build_dir: the build folder, made where it is missing.
        overlay: files and Kconfig values laid over a copy of the project.
        variant: takes `sdkconfig.ci.<variant>` in addition to the defaults, where the project has such files.
        limits: bounds of time, memory and size.
        esp_aws_iot: a recursive checkout of esp-aws-iot, for projects that use its components.
        idf: the version of ESP-IDF to build as, ``"4.4"`` or ``"5.1"``; "" for what the project says.
        object_cache: folder of objects of earlier builds of this project, by default inside the build folder.
            Nothing that was made from the overlay's files or from a private key is kept in it.
        progress: told what is being done, how far of how much.

    Raises:
        KitError: ESP-IDF would not build the project, either; stage ``"build"``, one line with file and line.
        GapError: the stand-in lacks something that ESP-IDF has.
        BenchError: the toolchain failed.
        UsageError: no such project or checkout.
    """
    started = time.monotonic()
    # The libraries are built once, and their time is not the project's.
    c_library(progress)
    if has_cpp(project):
        cpp_archives(progress)
    order = _Order(
        project, build_dir, overlay or Overlay(), variant, limits or BuildLimits(), esp_aws_iot, idf, progress
    )
    cache = ObjectCache(object_cache or build_dir / "objects")
    with private_folder() as folder:
        name, compiled = _build_in(folder, order, cache)
    paths = (build_dir / f"{name}.bin", build_dir / f"{name}.elf", build_dir / "flasher_args.json")
    return Build(build_dir, *paths, time.monotonic() - started, tuple(compiled))


def _build_in(folder: Path, order: _Order, cache: ObjectCache) -> tuple[str, list[str]]:
    """Build in a private folder; return the project's name and what was compiled."""
    deadline = time.monotonic() + order.limits.seconds
    place = prepare(folder, order.project, order.overlay, order.limits, order.esp_aws_iot)
    _require_chip(ProjectFacts(place.project).chip)
    readable = (place.project, esp_idf.include_dir().parent, zig.folder(), cache_folder())
    confinement = Confinement(readable, (place.scratch,), place.scratch, order.limits)
    platformio = read_platformio(place.project)
    generation = generation_of(place.project, asked=order.idf, platformio=platformio)
    configurations: list[Configuration] = []

    def configure_project(file: ProjectFile) -> Mapping[str, str]:
        job = _configuration_job(place, file, order, platformio)
        configurations.append(configure(job, confinement, deadline=deadline))
        return configurations[0].cmake_variables() | generation.cmake_variables()

    project = read_project(place.project, SourceTree(place.project), configure_project, platformio)
    (configuration,) = configurations
    file = project.file
    layout = flash_layout(configuration, place.project)
    rules = generation.rules(configuration)
    check_requirements(file, project.components, rules.version)
    compiler = Compiler(place.project, place.scratch, confinement, cache, place.identity_files, deadline, rules)
    compiler.facts = ProjectFacts(place.project, decided=generation.major)
    try:
        linked = _make_module(project, configuration, compiler, order.progress)
    except KitError as error:
        raise _for_want_of_components(error, file) from error
    images = Images(
        _app_image(linked, file, place.project, layout.flash_bytes, generation.version),
        symbol_elf.write(linked.symbols, module=linked.module),
    )
    require_room(linked.own, len(images.app), layout.app)
    write_build_folder(order.build_dir, file.name, images, layout=layout, configuration=configuration)
    return file.name, compiler.compiled


def _require_chip(chip: str) -> None:
    if chip not in {"", _CHIP}:
        raise GapError(f"the chip {chip}", fix=f"a kit with an {chip} grades it")


def _for_want_of_components(error: KitError, file: ProjectFile) -> KitError | GapError:
    """Return the error; a header or name that a component of the registry would bring is nobody's fault."""
    if not file.absent or not _MISSING_NAME.search(error.message):
        return error
    wanted = ", ".join(f"{item.name} ({item.wanted_by})" for item in file.absent)
    return GapError(f"{wanted} of the component registry", where=error.message[:200], fix=_FETCH)


def _configuration_job(
    place: Workspace, file: ProjectFile, order: _Order, platformio: PlatformIoProject | None
) -> ConfigurationJob:
    """Collect Kconfig files and sdkconfigs; the project's own sdkconfig wins over the defaults, as in ESP-IDF."""
    variant = order.variant
    kconfigs = [folder / name for name in ("Kconfig", "Kconfig.projbuild") for folder in file.component_folders]
    own = platformio.sdkconfig if platformio else "sdkconfig"
    # Beside each file of defaults there may be one for the target alone.
    defaults = [name for default in file.defaults_files for name in (default, f"{default}.esp32")]
    names = [*defaults, f"sdkconfig.ci.{variant}" if variant else "", own]
    # Where there is none of a variant, the project is what it is: the bench asks every project for its own variants.
    configs = [place.project / name for name in names if name and (place.project / name).is_file()]
    existing = [path for path in kconfigs if path.is_file()]
    common = [f"examples/common_components/{name}/Kconfig.projbuild" for name in file.common]
    return ConfigurationJob(place.project, existing, configs, order.overlay.settings, common)


def _make_module(project: Project, configuration: Configuration, compiler: Compiler, progress: Progress) -> Linked:
    objects = compile_shims(configuration, compiler.confinement, deadline=compiler.deadline, progress=progress)
    objects += _compile_components(project, configuration, compiler, progress)
    objects.append((embed_texts(_example_wifi(configuration), compiler), f"{SHIM_PREFIX}example_wifi"))
    objects += embed([item for component in project.components for item in component.embedded], compiler)
    if compiler.rules.version.startswith("4."):
        merge_tentative([path for path, shown in objects if not shown.startswith(SHIM_PREFIX)])
    progress("linking", 0, 1)
    linked = link(
        objects,
        c_library(),
        _cpp_archives(project, configuration, progress),
        compiler.confinement,
        Refusal(compiler.facts or ProjectFacts(compiler.root)),
        timeout_s=compiler.remaining_s(),
        limits=compiler.confinement.limits,
    )
    progress("linking", 1, 1)
    return linked


def _example_wifi(configuration: Configuration) -> dict[str, str]:
    """Return the network of `example_connect`; the defaults are those of ESP-IDF's examples."""
    return {
        "kit_example_wifi_ssid": configuration.get("EXAMPLE_WIFI_SSID", "myssid"),
        "kit_example_wifi_password": configuration.get("EXAMPLE_WIFI_PASSWORD", "mypassword"),
    }


def _cpp_archives(project: Project, configuration: Configuration, progress: Progress) -> tuple[Path, ...]:
    sources = (source for component in project.components for source in component.sources)
    if not any(source.suffix in CPP_SUFFIXES for source in sources):
        return ()
    for name in ("EXCEPTIONS", "RTTI"):
        if configuration.is_set(f"COMPILER_CXX_{name}"):
            raise GapError(f"C++ with CONFIG_COMPILER_CXX_{name}")
    return cpp_archives(progress)


def _units(project: Project, root: Path, config: Path, version: str) -> list[Unit]:
    """Return what is compiled: each component's files see its own folders first, then those of what it requires."""
    units: list[Unit] = []
    for component in project.components:
        settings = project.everywhere.plus(component.public).plus(component.private)
        visibility = visibility_of(
            component, project.components, version, sees_all=component.folder == project.sees_all
        )
        public = [path for other in project.components if visibility.sees(other.name) for path in other.include_dirs]
        folders = tuple(dict.fromkeys([*settings.include_dirs, *public, config]))
        for source in dict.fromkeys(component.sources):
            own = settings.plus(component.of_source.get(source, CompileSettings()))
            shown = source.relative_to(root).as_posix()
            options = tuple(own.definitions), tuple(own.options)
            units.append(Unit(source, shown, folders, *options, visibility=visibility))
    return units


def _compile_components(
    project: Project, configuration: Configuration, compiler: Compiler, progress: Progress
) -> list[tuple[Path, str]]:
    config = compiler.root / ".kitbench-config"
    config.mkdir()
    (config / "sdkconfig.h").write_bytes(sdkconfig_header(configuration.definitions()))
    units = _units(project, compiler.root, config, compiler.rules.version)
    objects: list[tuple[Path, str]] = []
    gaps: list[GapError] = []
    with ThreadPoolExecutor(compiler.confinement.limits.parallel) as pool:
        waiting = [pool.submit(compiler.compile, unit, number) for number, unit in enumerate(units)]
        for unit, future in zip(units, waiting, strict=True):
            try:
                objects.append((future.result(), unit.shown))
            except GapError as gap:  # another file may be one that ESP-IDF refuses, too
                gaps.append(gap)
            except KitError:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
            progress("compiling the project", len(objects) + len(gaps), len(units))
    if gaps:
        raise gaps[0]
    return objects


def _app_image(linked: Linked, file: ProjectFile, project: Path, flash_size: int, idf_version: str) -> bytes:
    """Wrap the module; date and time stay empty, so that the same sources give the same image."""
    version_file = project / "version.txt"
    version = file.version
    if not version and version_file.is_file():
        version = version_file.read_text("utf-8", "replace").split("\n", 1)[0].strip()
    elf = symbol_elf.write(linked.symbols, module=linked.module)
    description = AppDescription(version or "1", file.name, "", "", idf_version, hashlib.sha256(elf).digest())
    return app_image.serialize(list(app_module.embed(linked.module, description)), entry=_ENTRY, flash_size=flash_size)
