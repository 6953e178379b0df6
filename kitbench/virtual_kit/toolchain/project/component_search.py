"""Where a project's components are: `main`, EXTRA_COMPONENT_DIRS, `components/`, `managed_components/`.

Source: ESP-IDF v5.1.4, `tools/cmake/project.cmake`, `__project_init`. A name found later replaces an earlier one.
"""

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Final

from kitbench.errors import KitError
from kitbench.firmware.esp_idf_index.c_header import includes_in
from kitbench.virtual_kit.toolchain.cmake.interpreter import Interpreter
from kitbench.virtual_kit.toolchain.cmake.list_command import split
from kitbench.virtual_kit.toolchain.cmake.source_tree import CHECKOUT_FOLDER, IDF_FOLDER, SourceTree, shown
from kitbench.virtual_kit.toolchain.project.manifest import Dependency, read_manifest

#: Managed components that the shims stand for.
_STOOD_FOR: Final = frozenset({"espressif__esp-cryptoauthlib"})
_COMMON_COMPONENTS: Final = f"{IDF_FOLDER}/examples/common_components"
#: Those of ESP-IDF's common components that the shims stand for; every project sees them.
_COMMON: Final = frozenset({"protocol_examples_common"})


class ComponentSearch:
    """Finds the folders of a project's components.

    Attributes:
        common: the common components of ESP-IDF's examples that the project uses.
        absent: what manifests want from the component registry, and is not there.
    """

    def __init__(self, project: Path, tree: SourceTree, interpreter: Interpreter, main: Path | None = None) -> None:
        """Take the project's folder, the interpreter that knows its variables, and where `main` is of another name."""
        self.common: list[str] = []
        self.absent: list[Dependency] = []
        self._project = project
        self._main = main or project / "main"
        self._tree = tree
        self._interpreter = interpreter

    def folders(self, line: int) -> tuple[Path, ...]:
        """Return the folders of all components, by their names.

        Raises:
            KitError: one that the project points to does not exist.
        """
        found = {folder.name: folder for folder in self._found(line)}
        for folder in tuple(found.values()):
            found = self._of_manifest(folder, line) | found
        chosen = self._names("COMPONENTS")
        excluded = self._names("EXCLUDE_COMPONENTS")
        names = [name for name in found if name not in excluded]
        # COMPONENTS names where to start; what those need comes along, and what nobody needs costs only time.
        if chosen and not any(name in chosen for name in names):
            raise self._interpreter.error(line, "COMPONENTS names no component of the project")
        return tuple(found[name] for name in names)

    def _names(self, variable: str) -> list[str]:
        return [name for text in split(self._interpreter.variables.get(variable, "")) for name in text.split()]

    def _found(self, line: int) -> Iterator[Path]:
        variables = self._interpreter.variables
        if full := variables.get("COMPONENT_DIRS", ""):
            for text in split(full):
                yield from self._extra("COMPONENT_DIRS", text, line)
            return
        yield from self._checkout_in_use()
        yield from self._below(self._project / "managed_components")
        yield from _component(self._main)
        for text in split(variables.get("EXTRA_COMPONENT_DIRS", "")):
            yield from self._extra("EXTRA_COMPONENT_DIRS", text, line)
        yield from self._below(self._project / "components")

    def _checkout_in_use(self) -> Iterator[Path]:
        """Yield the components of the checkout where the project uses them and points to none: the empty submodules."""
        checkout = self._tree.checkout
        extra = split(self._interpreter.variables.get("EXTRA_COMPONENT_DIRS", ""))
        if checkout is None or any(self._is_in_checkout(text) for text in extra):
            return
        if (checkout / "CMakeLists.txt").is_file():
            headers = {"aws_iot_config.h", "aws_iot_mqtt_client_interface.h", "aws_iot_shadow_interface.h"}
            yield from (checkout,) if headers & self._wanted() else ()
            return
        for file in sorted((checkout / "libraries").glob("*/CMakeLists.txt")):
            is_whole = next(file.parent.glob("*/*FilePaths.cmake"), None) or next(file.parent.glob("*.c"), None)
            headers = {path.name for path in file.parent.rglob("*.h")}
            yield from (file.parent,) if is_whole and headers & self._wanted() else ()

    def _is_in_checkout(self, text: str) -> bool:
        try:
            return self._tree.find(text, self._project).is_relative_to(self._project / CHECKOUT_FOLDER)
        except ValueError:
            return False

    def _wanted(self) -> frozenset[str]:
        """Return the headers that the main component's own files include and the project does not have."""
        files = (path for pattern in ("*.c", "*.cpp", "*.h") for path in self._main.rglob(pattern))
        included = frozenset(name for path in files for name in includes_in(path.read_text("utf-8", "replace")))
        return included - self._own_headers

    @cached_property
    def _own_headers(self) -> frozenset[str]:
        checkout = self._project / CHECKOUT_FOLDER
        return frozenset(path.name for path in self._project.rglob("*.h") if not path.is_relative_to(checkout))

    def _below(self, folder: Path) -> Iterator[Path]:
        if (folder / "CMakeLists.txt").is_file():
            yield folder
            return
        for child in sorted(folder.iterdir()) if folder.is_dir() else ():
            if child.name not in _STOOD_FOR and child != self._project / CHECKOUT_FOLDER:
                yield from _component(child)

    def _extra(self, variable: str, text: str, line: int) -> Iterator[Path]:
        """Yield the components of one entry: a component, or a folder of components."""
        if text.startswith(IDF_FOLDER) and not (self._tree.checkout and self._tree.exists(text, self._project)):
            self._check_of_esp_idf(text, line)
            return
        try:
            folder = self._tree.find(text, self._project)
        except ValueError as error:
            raise self._absent(variable, text, line, str(error)) from error
        if not folder.is_dir():
            raise self._absent(variable, text, line, f"folder {shown(text)!r} does not exist")
        yield from _component(folder) if (folder / "CMakeLists.txt").is_file() else self._below(folder)

    def _of_manifest(self, folder: Path, line: int) -> dict[str, Path]:
        """Return the components that a manifest points to by their paths; note those that nobody can fetch."""
        found: dict[str, Path] = {}
        for dependency in read_manifest(folder, self._tree.root):
            path = dependency.path.replace("${IDF_PATH}", IDF_FOLDER).replace("$IDF_PATH", IDF_FOLDER)
            if path and not path.startswith("/"):
                path = f"{self._tree.name(folder)}/{path}"
            if path:
                found |= {item.name: item for item in self._extra(dependency.wanted_by, path, line)}
            elif dependency.name != "idf" and not self._is_there(dependency):
                self.absent.append(dependency)
        return found

    def _is_there(self, dependency: Dependency) -> bool:
        places = (self._project / "components", self._project / "managed_components")
        names = dependency.folders
        return names[0] in _STOOD_FOR or any((place / name).is_dir() for place in places for name in names)

    def _check_of_esp_idf(self, text: str, line: int) -> None:
        path = PurePosixPath(text)
        is_common = str(path) == _COMMON_COMPONENTS or (str(path.parent) == _COMMON_COMPONENTS and path.name in _COMMON)
        if is_common:
            self.common += [path.name] if path.name in _COMMON else sorted(_COMMON)
        if not is_common and not str(path).startswith(f"{IDF_FOLDER}/components"):
            raise self._interpreter.gap(line, f"ESP-IDF's {shown(text)!r}")

    def _absent(self, variable: str, text: str, line: int, message: str) -> KitError:
        place = self._interpreter.place(line)
        parts = set(PurePosixPath(text).parts)
        is_checkout = parts & {"libraries", "esp-aws-iot"} or parts == {".."}
        fix = "point to a recursive checkout with --esp-aws-iot PATH" if is_checkout else ""
        return KitError(f"{place}: {variable}: {message}", stage="build", fix=fix)


def _component(folder: Path) -> Iterator[Path]:
    if (folder / "CMakeLists.txt").is_file():
        yield folder
