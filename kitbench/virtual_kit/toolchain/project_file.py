"""The CMakeLists.txt at the top of an ESP-IDF project: its name, and where its components are.

Source: ESP-IDF, API guides, "Build System", "Project CMakeLists File".
"""

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.cmake_interpreter import IDF_PATH_MARK, Interpreter
from kitbench.virtual_kit.toolchain.component import inside

_STANDARD_INCLUDE: Final = f"{IDF_PATH_MARK}/tools/cmake/project.cmake"
_ESP_AWS_IOT: Final = "esp-aws-iot"
#: Where `--esp-aws-iot` brings in the checkout, below the private copy.
CHECKOUT_FOLDER: Final = "managed_components/esp-aws-iot"

#: Managed components that the shims stand for.
_STOOD_FOR: Final = frozenset({"espressif__esp-cryptoauthlib"})


@dataclass(frozen=True, slots=True)
class ProjectFile:
    """What the project's CMakeLists.txt says; folders are absolute and inside the private copy."""

    name: str
    version: str
    component_folders: tuple[Path, ...]
    defaults_files: tuple[str, ...]


class _ProjectReader:
    def __init__(self, project: Path, root: Path) -> None:
        self._project = project
        self._root = root
        self._name = ""
        self._version = ""
        shown = (project / "CMakeLists.txt").relative_to(root).as_posix()
        self._lines: dict[str, int] = {}
        self._interpreter = Interpreter(
            shown,
            {"CMAKE_CURRENT_LIST_DIR": ".", "CMAKE_CURRENT_SOURCE_DIR": ".", "CMAKE_SOURCE_DIR": "."},
            {
                "include": self._include,
                "project": self._set_project,
                "idf_build_set_property": self._ignore,
                "add_compile_options": self._ignore_warnings,
                "idf_component_set_property": self._ignore,
            },
        )

    def read(self, text: str) -> ProjectFile:
        self._interpreter.run(text)
        if not self._name:
            raise self._interpreter.error(1, "no project() in the project's CMakeLists.txt")
        defaults = self._interpreter.variables.get("SDKCONFIG_DEFAULTS", "sdkconfig.defaults")
        return ProjectFile(
            self._name,
            self._version,
            self._component_folders(),
            tuple(self._defaults_file(item) for item in defaults.split(";") if item),
        )

    def _include(self, arguments: list[str], line: int) -> None:
        if arguments != [_STANDARD_INCLUDE]:
            raise self._interpreter.error(line, "only $ENV{IDF_PATH}/tools/cmake/project.cmake may be included")

    def _set_project(self, arguments: list[str], line: int) -> None:
        name = arguments[0] if arguments else ""
        if not name.replace("_", "").replace("-", "").isalnum() or not name.isascii() or len(name) > 64:
            raise self._interpreter.error(line, f"project name {name[:80]!r} is no plain name")
        self._name = name
        if "VERSION" in arguments[:-1]:
            self._version = arguments[arguments.index("VERSION") + 1]

    def _ignore(self, arguments: list[str], line: int) -> None:
        """Follow a property that has no meaning on the virtual kit."""

    def _ignore_warnings(self, arguments: list[str], line: int) -> None:
        for option in arguments:
            if not option.startswith("-W") or "," in option:
                raise self._interpreter.error(line, f"compile option {option!r} is not allowed on the virtual kit")

    def _defaults_file(self, text: str) -> str:
        try:
            return inside(self._project, self._root, text).relative_to(self._project).as_posix()
        except ValueError as error:
            raise self._interpreter.error(1, f"SDKCONFIG_DEFAULTS: path {text!r} leaves the project") from error

    def _component_folders(self) -> tuple[Path, ...]:
        folders = [self._project / "main", *_components_below(self._project / "components")]
        folders += [
            folder
            for folder in _components_below(self._project / "managed_components")
            if folder.name not in _STOOD_FOR and folder != self._project / CHECKOUT_FOLDER
        ]
        for item in self._interpreter.variables.get("EXTRA_COMPONENT_DIRS", "").split(";"):
            if item:
                folders += self._extra(item)
        return tuple(dict.fromkeys(folder for folder in folders if (folder / "CMakeLists.txt").is_file()))

    def _extra(self, text: str) -> list[Path]:
        """Return the components of one entry: a component, or a folder of components.

        A path to a checkout of esp-aws-iot is led to the one that the caller brought in, wherever it pointed to.
        """
        checkout = self._project / CHECKOUT_FOLDER
        is_checkout = PurePosixPath(text).name == _ESP_AWS_IOT or set(PurePosixPath(text).parts) == {".."}
        if is_checkout and checkout.is_dir():
            return [checkout]
        try:
            folder = inside(self._project, self._project, text)
        except ValueError as error:
            mend = "point to a recursive checkout with --esp-aws-iot PATH" if is_checkout else ""
            raise KitError(
                f"EXTRA_COMPONENT_DIRS: path {text!r} leaves the project", stage="build", mend=mend
            ) from error
        if (folder / "CMakeLists.txt").is_file():
            return [folder]
        return _components_below(folder)


def _components_below(folder: Path) -> list[Path]:
    return sorted(child for child in folder.iterdir() if child.is_dir()) if folder.is_dir() else []


def read_project_file(project: Path, root: Path) -> ProjectFile:
    """Return what the project's CMakeLists.txt says.

    Args:
        project: the project's folder inside the private copy.
        root: the private copy, which nothing may leave.

    Raises:
        KitError: it is missing, or has something that cannot be followed; names file and line.
    """
    try:
        text = (project / "CMakeLists.txt").read_text("utf-8", "replace")
    except OSError as error:
        raise KitError("the project has no CMakeLists.txt", stage="build") from error
    return _ProjectReader(project, root).read(text)
