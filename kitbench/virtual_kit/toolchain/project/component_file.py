"""A component's CMakeLists.txt: what it registers.

Source: ESP-IDF, API guides, "Build System"; `tools/cmake/component.cmake`.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.cmake.interpreter import Interpreter
from kitbench.virtual_kit.toolchain.cmake.list_command import keyword_arguments
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree
from kitbench.virtual_kit.toolchain.languages import NOT_COMPILED
from kitbench.virtual_kit.toolchain.project.component import CompileSettings, Component, Targets
from kitbench.virtual_kit.toolchain.project.target_commands import TargetCommands

_REGISTER_KEYWORDS: Final = frozenset(
    {
        "SRCS",
        "SRC_DIRS",
        "EXCLUDE_SRCS",
        "INCLUDE_DIRS",
        "PRIV_INCLUDE_DIRS",
        "LDFRAGMENTS",
        "REQUIRES",
        "PRIV_REQUIRES",
        "REQUIRED_IDF_TARGETS",
        "EMBED_FILES",
        "EMBED_TXTFILES",
        "KCONFIG",
        "KCONFIG_PROJBUILD",
        "WHOLE_ARCHIVE",
    }
)
#: Variables that `register_component()` takes for the arguments of `idf_component_register()`.
_OLD_VARIABLES: Final = {
    "SRCS": "COMPONENT_SRCS",
    "SRC_DIRS": "COMPONENT_SRCDIRS",
    "EXCLUDE_SRCS": "COMPONENT_SRCEXCLUDE",
    "INCLUDE_DIRS": "COMPONENT_ADD_INCLUDEDIRS",
    "PRIV_INCLUDE_DIRS": "COMPONENT_PRIV_INCLUDEDIRS",
    "REQUIRES": "COMPONENT_REQUIRES",
    "PRIV_REQUIRES": "COMPONENT_PRIV_REQUIRES",
    "EMBED_FILES": "COMPONENT_EMBED_FILES",
    "EMBED_TXTFILES": "COMPONENT_EMBED_TXTFILES",
}
_BLANKS: Final = re.compile(r"[; \t\n]+")


class _ComponentReader:
    """Follows one component's CMakeLists.txt."""

    def __init__(
        self,
        component: Component,
        tree: SourceTree,
        variables: Mapping[str, str],
        targets: Targets,
        everywhere: CompileSettings,
    ) -> None:
        self._component = component
        self._commands = TargetCommands(tree, targets, everywhere, component)
        folder = tree.name(component.folder)
        own = {
            "COMPONENT_DIR": folder,
            "COMPONENT_PATH": folder,
            "CMAKE_CURRENT_LIST_DIR": folder,
            "CMAKE_CURRENT_SOURCE_DIR": folder,
            "CMAKE_CURRENT_BINARY_DIR": f"{folder}/build",
            "COMPONENT_LIB": component.target,
            "COMPONENT_TARGET": component.target,
            "COMPONENT_NAME": component.name,
            "COMPONENT_ALIAS": f"idf::{component.name}",
        }
        # Left over from the project's file, they would register somebody else's sources.
        left = {name: value for name, value in variables.items() if name not in _OLD_VARIABLES.values()}
        self._interpreter = Interpreter(
            tree,
            {**left, **own},
            {
                **self._commands.handlers(),
                "idf_component_register": self._register,
                "register_component": self._register_old,
                "register_config_only_component": self._register_old,
                "require_idf_targets": self._require_targets,
            },
        )
        self._commands.attach(self._interpreter)

    def read(self) -> None:
        self._interpreter.run(self._component.folder / "CMakeLists.txt")
        self._component.private = self._component.private.plus(self._commands.of_folder)

    def _register(self, arguments: list[str], line: int) -> None:
        values = keyword_arguments(arguments, _REGISTER_KEYWORDS)
        if unknown := values[""]:
            raise self._interpreter.error(line, f"idf_component_register() does not know {unknown[0][:80]!r}")
        if self._component.is_registered:
            raise self._interpreter.error(line, "the component is registered twice")
        self._require_targets(values.get("REQUIRED_IDF_TARGETS", []), line)
        self._add_sources(values, line)
        component = self._component
        component.public.include_dirs += self._folders(values.get("INCLUDE_DIRS", []), line)
        component.private.include_dirs += self._folders(values.get("PRIV_INCLUDE_DIRS", []), line)
        component.requires += values.get("REQUIRES", [])
        component.private_requires += values.get("PRIV_REQUIRES", [])
        for keyword, is_text in (("EMBED_FILES", False), ("EMBED_TXTFILES", True)):
            for file in values.get(keyword, []):
                self._commands.embed(component, file, line, is_text=is_text)
        component.is_registered = True

    def _register_old(self, arguments: list[str], line: int) -> None:  # noqa: ARG002 - it takes none
        """Register from variables, as ESP-IDF 3 did and 4 and 5 still allow; blanks separate, too."""
        words: list[str] = []
        for keyword, variable in _OLD_VARIABLES.items():
            text = self._interpreter.variables.get(variable, "")
            words += [keyword, *(word for word in _BLANKS.split(text) if word)]
        self._register(words, line)

    def _require_targets(self, targets: list[str], line: int) -> None:
        target = self._interpreter.variables.get("IDF_TARGET", "")
        if targets and target not in targets:
            raise self._interpreter.error(line, f"the component is for {', '.join(targets)[:80]}, not for the {target}")

    def _add_sources(self, values: dict[str, list[str]], line: int) -> None:
        """Add SRCS, or else all C and C++ files of SRC_DIRS but those of EXCLUDE_SRCS, as ESP-IDF does."""
        sources = values.get("SRCS", [])
        for source in sources:
            self._commands.add_source(self._component, source, line)
        if not sources:
            excluded = {self._interpreter.find(item, line) for item in values.get("EXCLUDE_SRCS", [])}
            found = [path for folder in values.get("SRC_DIRS", []) for path in self._sources_of(folder, line)]
            self._component.sources += [path for path in found if path not in excluded]

    def _sources_of(self, folder: str, line: int) -> list[Path]:
        path = self._commands.folder_path(folder, line)
        if other := next(iter(sorted(path.glob("*.S"))), None):
            raise self._interpreter.gap(line, f"{NOT_COMPILED[other.suffix]}, as in {other.name[:60]!r}")
        return sorted([*path.glob("*.c"), *path.glob("*.cpp")])

    def _folders(self, texts: list[str], line: int) -> list[Path]:
        return [self._commands.folder_path(text, line) for text in texts]


def read_component(
    folder: Path,
    tree: SourceTree,
    variables: Mapping[str, str],
    *,
    targets: Targets | None = None,
    everywhere: CompileSettings | None = None,
) -> Component:
    """Return the component whose CMakeLists.txt stands in `folder`, and make it known to `targets`.

    Args:
        folder: inside the private copy.
        tree: the private copy.
        variables: what the project's file and the configuration have set.
        targets: the project's components.
        everywhere: settings of all components, which a component may add to.

    Raises:
        KitError: it has no CMakeLists.txt, or one that cannot be followed.
    """
    if not (folder / "CMakeLists.txt").is_file():
        raise KitError(f"component {folder.name!r} has no CMakeLists.txt", stage="build")
    component = Component(folder.name, folder)
    known = Targets() if targets is None else targets
    known.add(component)
    _ComponentReader(component, tree, variables, known, everywhere or CompileSettings()).read()
    if not component.is_registered:
        shown = tree.shown(folder / "CMakeLists.txt")
        raise KitError(f"{shown}:1: no idf_component_register() in the component", stage="build")
    return component
