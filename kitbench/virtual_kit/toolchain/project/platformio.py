"""PlatformIO's layout of an ESP-IDF project: `platformio.ini`, and the main component in `src/`.

Source: PlatformIO, "Project Configuration File", and its builder for the framework `espidf`: what the project lacks of
CMake files it writes, and the environment's own sdkconfig comes first.
"""

import configparser
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.cmake.source_tree import inside
from kitbench.virtual_kit.toolchain.project.compile_options import OptionError, settings_of_options
from kitbench.virtual_kit.toolchain.project.component import CompileSettings, EmbeddedFile

NAME: Final = "platformio.ini"
_MAX_SIZE: Final = 64 * 1024
_PROJECT: Final = (
    "cmake_minimum_required(VERSION 3.16)\ninclude($ENV{{IDF_PATH}}/tools/cmake/project.cmake)\nproject({name})\n"
)
_COMPONENT: Final = (
    'file(GLOB_RECURSE sources "${CMAKE_CURRENT_SOURCE_DIR}/*.c" "${CMAKE_CURRENT_SOURCE_DIR}/*.cpp")\n'
    "idf_component_register(SRCS ${sources})\n"
)
#: Which ESP-IDF a version of PlatformIO's platform `espressif32` brings.
_GENERATIONS: Final = {"2": "4.0", "3": "4.3", "4": "4.4", "5": "4.4", "6": "5.1"}
_PLATFORM_VERSION: Final = re.compile(r"espressif32(?:\.git)?\s*[@#]\s*[~^=v]*(\d+)")


@dataclass(frozen=True, slots=True)
class PlatformIoProject:
    """What `platformio.ini` says of one environment; paths are inside the private copy.

    Attributes:
        main: the folder of the main component.
        sdkconfig: the name of the environment's sdkconfig.
        settings: of all files, from `build_flags`.
        embedded: files that go into the main component.
        idf_version: such as `5.1`; "" where it says none.
    """

    main: Path
    sdkconfig: str
    settings: CompileSettings
    embedded: tuple[EmbeddedFile, ...]
    idf_version: str


def read_platformio(project: Path) -> PlatformIoProject | None:
    """Return what PlatformIO would build; None where the project is laid out for ESP-IDF itself.

    CMake files that PlatformIO would write are written into the private copy.

    Raises:
        KitError: `platformio.ini` cannot be read, or names folders outside of the project.
        GapError: it is a project for another framework.
    """
    file = project / NAME
    if not file.is_file() or (project / "main").is_dir():
        return None
    options = _environment(file)
    main = _below(project, options.get("src_dir") or "src")
    if not main.is_dir():
        raise KitError(f"{NAME}: src_dir {main.name!r} does not exist", stage="build")
    _write_cmake_files(project, main)
    embedded = [
        EmbeddedFile(_below(project, text), is_text, NAME)
        for key, is_text in (("board_build.embed_txtfiles", True), ("board_build.embed_files", False))
        for text in options.get(key, "").split()
    ]
    sdkconfig = f"sdkconfig.{options['name']}"
    return PlatformIoProject(
        main,
        sdkconfig if (project / sdkconfig).is_file() else "sdkconfig",
        _build_flags(project, options.get("build_flags", "")),
        tuple(embedded),
        _idf_version(options.get("platform", "")),
    )


def _environment(file: Path) -> dict[str, str]:
    """Return the options of the environment that PlatformIO takes first, with those of all."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, inline_comment_prefixes=("#", ";"))
    text = file.read_text("utf-8", "replace")
    try:
        parser.read_string(text[:_MAX_SIZE])
    except configparser.Error as error:
        raise KitError(f"{NAME}: {str(error).splitlines()[0]}"[:200], stage="build") from error
    of_all = {key: value for name in ("platformio", "env") if name in parser for key, value in parser[name].items()}
    wanted = re.split(r"[,\s]+", of_all.get("default_envs", ""))[0]
    names = [section.removeprefix("env:") for section in parser.sections() if section.startswith("env:")]
    name = wanted if wanted in names else next(iter(names), "")
    if not name:
        raise KitError(f"{NAME}: no environment", stage="build")
    options = of_all | dict(parser[f"env:{name}"].items()) | {"name": name}
    frameworks = re.split(r"[,\s]+", options.get("framework", "").strip())
    if "espidf" not in frameworks or "arduino" in frameworks:
        raise GapError(f"the framework {' + '.join(frameworks)[:40] or 'of no name'}", where=NAME)
    return options


def _write_cmake_files(project: Path, main: Path) -> None:
    top = project / "CMakeLists.txt"
    if not top.is_file():
        top.write_text(_PROJECT.format(name="firmware"))
    if not (main / "CMakeLists.txt").is_file():
        (main / "CMakeLists.txt").write_text(_COMPONENT)


def _build_flags(project: Path, text: str) -> CompileSettings:
    words = re.sub(r"-([DI])\s+", r"-\1", text).split()
    folders = [word[2:] for word in words if word.startswith("-I")] + ["include"]
    try:
        settings = settings_of_options([word for word in words if not word.startswith("-I")])
    except OptionError as error:
        raise GapError(str(error), where=f"{NAME}: build_flags") from error
    settings.include_dirs += [path for folder in folders if (path := _below(project, folder)).is_dir()]
    return settings


def _below(project: Path, text: str) -> Path:
    try:
        return inside(project, project, text)
    except ValueError as error:
        raise KitError(f"{NAME}: {error}", stage="build") from error


def _idf_version(platform: str) -> str:
    match = _PLATFORM_VERSION.search(platform)
    return _GENERATIONS.get(match[1], "") if match else ""
