"""The CMakeLists.txt at the top of an ESP-IDF project: its name, its components, and what it adds to them.

Source: ESP-IDF, API guides, "Build System", "Project CMakeLists File"; `tools/cmake/project.cmake`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.cmake.interpreter import Interpreter
from kitbench.virtual_kit.toolchain.cmake.list_command import split
from kitbench.virtual_kit.toolchain.cmake.source_tree import IDF_FOLDER, PROJECT_FOLDER, SourceTree
from kitbench.virtual_kit.toolchain.project.component import CompileSettings, Component, Targets
from kitbench.virtual_kit.toolchain.project.component_file import read_component
from kitbench.virtual_kit.toolchain.project.component_search import ComponentSearch
from kitbench.virtual_kit.toolchain.project.manifest import Dependency
from kitbench.virtual_kit.toolchain.project.platformio import PlatformIoProject
from kitbench.virtual_kit.toolchain.project.target_commands import TargetCommands

_UNKNOWN_COMMAND: Final = "unknown CMake command"
_CHIP: Final = "esp32"
_STANDARD_INCLUDE: Final = f"{IDF_FOLDER}/tools/cmake/project.cmake"


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What the project's CMakeLists.txt says up to project(); folders are absolute and inside the private copy.

    Attributes:
        common: the common components of ESP-IDF's examples that it uses.
        absent: components of the registry that it wants and does not have.
    """

    name: str
    version: str
    component_folders: tuple[Path, ...]
    defaults_files: tuple[str, ...]
    common: tuple[str, ...] = ()
    absent: tuple[Dependency, ...] = ()


@dataclass(frozen=True, slots=True)
class Project:
    """A project as its CMake files describe it.

    Attributes:
        file: what was known at project().
        components: the project's own, and the executable with what is added to it alone.
        everywhere: settings of all components.
        sees_all: the folder of the component to which PlatformIO shows every header; None for ESP-IDF's own layout.
    """

    file: ProjectFile
    components: tuple[Component, ...]
    everywhere: CompileSettings
    sees_all: Path | None = None


#: Is given what the project's file says up to project(), and returns the configuration's `CONFIG_…` variables.
Configure = Callable[[ProjectFile], Mapping[str, str]]


class _ProjectReader:
    def __init__(self, project: Path, tree: SourceTree, configure: Configure, layout: PlatformIoProject | None) -> None:
        self._project = project
        self._layout = layout
        self._tree = tree
        self._configure = configure
        self._file: ProjectFile | None = None
        self._has_build_system = False
        self._targets = Targets()
        self._everywhere = layout.settings if layout else CompileSettings()
        self._commands = TargetCommands(tree, self._targets, self._everywhere)
        folder = tree.name(project)
        self._interpreter = Interpreter(
            tree,
            {
                "CMAKE_CURRENT_LIST_DIR": folder,
                "CMAKE_CURRENT_SOURCE_DIR": folder,
                "CMAKE_SOURCE_DIR": folder,
                "CMAKE_BINARY_DIR": f"{folder}/build",
                "CMAKE_CURRENT_BINARY_DIR": f"{folder}/build",
                "IDF_PATH": IDF_FOLDER,
                "IDF_TARGET": _CHIP,
                "ESP_PLATFORM": "1",
            },
            {**self._commands.handlers(), "include": self._include, "project": self._set_project},
        )
        self._commands.attach(self._interpreter)

    def read(self) -> Project:
        self._interpreter.run(self._project / "CMakeLists.txt")
        if self._file is None:
            raise self._interpreter.error(1, "no project() in the project's CMakeLists.txt")
        main = self._layout.main if self._layout else None
        return Project(self._file, tuple(self._targets), self._everywhere, main)

    def _include(self, arguments: list[str], line: int) -> None:
        if arguments[:1] == [_STANDARD_INCLUDE]:
            self._has_build_system = True
            return
        if arguments[:1] and arguments[0].startswith(IDF_FOLDER):
            raise self._interpreter.gap(line, f"ESP-IDF's {arguments[0].removeprefix(IDF_FOLDER)[:80]!r}")
        self._interpreter.include(arguments, line)

    def _set_project(self, arguments: list[str], line: int) -> None:
        # Without it project() is CMake's own, which knows no components: ESP-IDF then builds no app, whatever follows.
        if not self._has_build_system:
            raise self._interpreter.error(
                line,
                "project() comes without ESP-IDF's build system: write "
                "include($ENV{IDF_PATH}/tools/cmake/project.cmake) above it",
            )
        name = arguments[0] if arguments else ""
        if (
            not name.replace("_", "").replace("-", "").replace(".", "").isalnum()
            or not name.isascii()
            or len(name) > 64
        ):
            raise self._interpreter.error(line, f"project name {name[:80]!r} is no plain name")
        variables = self._interpreter.variables
        if (chip := variables.get("IDF_TARGET") or _CHIP) != _CHIP:
            raise GapError(f"the chip {chip[:20]}", fix=f"a kit with an {chip[:20]} grades it")
        version = arguments[arguments.index("VERSION") + 1] if "VERSION" in arguments[:-1] else ""
        version = version or variables.get("PROJECT_VER", "")
        variables |= {
            "PROJECT_NAME": name,
            "CMAKE_PROJECT_NAME": name,
            "project_elf": f"{name}.elf",
            **dict.fromkeys(("PROJECT_DIR", "project_dir", "PROJECT_PATH", "PROJECT_SOURCE_DIR"), PROJECT_FOLDER),
        }
        main = self._layout.main if self._layout else None
        search = ComponentSearch(self._project, self._tree, self._interpreter, main)
        folders = search.folders(line)
        self._file = ProjectFile(
            name,
            version,
            folders,
            self._defaults_files(line),
            tuple(dict.fromkeys(search.common)),
            tuple(search.absent),
        )
        variables |= self._configure(self._file)
        self._read_components(name)

    def _read_components(self, name: str) -> None:
        inherited = self._commands.of_folder
        for folder in self._file.component_folders if self._file else ():
            component = self._read_component(folder)
            component.private = inherited.plus(component.private)
            if self._layout and folder == self._layout.main:
                known = {file.path for file in component.embedded}
                component.embedded += [file for file in self._layout.embedded if file.path not in known]
        self._targets.add(Component(f"{name}.elf", self._project, is_executable=True))
        # What follows project() is of the executable's folder, and reaches no component any more.
        self._commands.of_folder = CompileSettings()

    def _read_component(self, folder: Path) -> Component:
        try:
            return read_component(
                folder, self._tree, self._interpreter.variables, targets=self._targets, everywhere=self._everywhere
            )
        except KitError as error:
            absent = self._file.absent if self._file else ()
            if not absent or _UNKNOWN_COMMAND not in error.message:
                raise
            # A component that nobody fetched may bring commands, too.
            wanted = ", ".join(f"{item.name} ({item.wanted_by})" for item in absent)
            raise GapError(f"{wanted} of the component registry", where=error.message[:200]) from error

    def _defaults_files(self, line: int) -> tuple[str, ...]:
        named = self._interpreter.variables.get("SDKCONFIG_DEFAULTS")
        paths = [self._interpreter.find(name, line) for name in split(named or "sdkconfig.defaults")]
        files = tuple(path.relative_to(self._project).as_posix() for path in paths)
        # As ESP-IDF has it: a file that is named must be there.
        lacking = next((name for name in files if named and not (self._project / name).is_file()), None)
        if lacking is not None:
            raise self._interpreter.error(line, f"SDKCONFIG_DEFAULTS: {lacking!r} does not exist")
        return files


def read_project(
    project: Path, tree: SourceTree, configure: Configure, layout: PlatformIoProject | None = None
) -> Project:
    """Return what the project's CMake files say.

    Args:
        project: the project's folder inside the private copy.
        tree: the private copy, which nothing may leave.
        configure: called at project(), where ESP-IDF configures the project.
        layout: what PlatformIO would build, where the project is laid out for it.

    Raises:
        KitError: a file is missing, or has something that cannot be followed; names file and line.
    """
    if not (project / "CMakeLists.txt").is_file():
        raise KitError("the project has no CMakeLists.txt", stage="build")
    return _ProjectReader(project, tree, configure, layout).read()
