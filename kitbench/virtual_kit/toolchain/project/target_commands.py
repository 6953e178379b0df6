"""The commands that both the project's and a component's CMakeLists.txt may use: they add to targets and properties.

Source: cmake-commands(7); ESP-IDF, API guides, "Build System", "CMake Build System API".
"""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kitbench.virtual_kit.toolchain.cmake.interpreter import Handler, Interpreter
from kitbench.virtual_kit.toolchain.cmake.list_command import keyword_arguments, split
from kitbench.virtual_kit.toolchain.cmake.source_tree import IDF_FOLDER, PROJECT_FOLDER, SourceTree
from kitbench.virtual_kit.toolchain.languages import COMPILED_SUFFIXES, NOT_COMPILED
from kitbench.virtual_kit.toolchain.project.compile_options import OptionError, definition, settings_of_options
from kitbench.virtual_kit.toolchain.project.component import (
    CompileSettings,
    Component,
    EmbeddedFile,
    Targets,
    component_name,
)

_SCOPE_WORDS: Final = frozenset({"PRIVATE", "PUBLIC", "INTERFACE"})
_LINKED: Final = re.compile(
    r"(idf::|__idf_)?[A-Za-z_][\w.-]*|-l?[mc]|\"?-u\s?\w+\"?|-Wl,--?(undefined|gc-sections|wrap)\S*"
)
_SOURCE_PROPERTIES: Final = frozenset({"COMPILE_FLAGS", "COMPILE_OPTIONS", "COMPILE_DEFINITIONS"})

#: Properties of targets that `set_property()` follows, and all that change what is compiled.
_FOLLOWED: Final = frozenset({"COMPILE_OPTIONS", "COMPILE_FLAGS", "COMPILE_DEFINITIONS"})
_COMPILED: Final = (
    _FOLLOWED
    | {"INCLUDE_DIRECTORIES", "SOURCES", "INTERFACE_SOURCES"}
    | {f"INTERFACE_{name}" for name in ("COMPILE_OPTIONS", "COMPILE_DEFINITIONS", "INCLUDE_DIRECTORIES")}
)


class TargetCommands:
    """Commands over the project's targets.

    Attributes:
        made_by_command: files that a custom command would make; nothing runs it.
    """

    def __init__(
        self, tree: SourceTree, targets: Targets, everywhere: CompileSettings, current: Component | None = None
    ) -> None:
        """Take the files, the targets so far, the settings of all components, and the component that is read."""
        self._tree = tree
        self._targets = targets
        self._everywhere = everywhere
        self._current = current
        #: What `add_compile_options()` and its like say: for this folder, and for those below.
        self.of_folder = CompileSettings()
        self.made_by_command: dict[Path, str] = {}
        self._interpreter: Interpreter

    def attach(self, interpreter: Interpreter) -> None:
        """Take the interpreter that the commands report to."""
        self._interpreter = interpreter
        interpreter.is_target_known = lambda name: self._targets.find(name) is not None

    def handlers(self) -> dict[str, Handler]:
        """Return the commands by name."""
        return {
            "target_add_binary_data": self._add_binary_data,
            "target_compile_options": self._target_options,
            "target_compile_definitions": self._target_definitions,
            "target_include_directories": self._target_include_directories,
            "target_link_libraries": self._link_libraries,
            "target_link_options": self._link_libraries,
            "target_sources": self._target_sources,
            "component_compile_options": lambda words, line: self._target_options(["", *words], line),
            "component_compile_definitions": lambda words, line: self._target_definitions(["", *words], line),
            "add_compile_options": self._folder_options,
            "add_c_compile_options": self._folder_options,
            "add_cxx_compile_options": self._ignore,
            "add_definitions": self._folder_options,
            "add_compile_definitions": self._folder_definitions,
            "include_directories": self._folder_include_directories,
            "set_source_files_properties": self._source_properties,
            "set_property": self._set_property,
            "set_target_properties": self._target_properties,
            "idf_build_set_property": self._set_build_property,
            "idf_build_get_property": self._get_build_property,
            "idf_component_set_property": self._ignore,
            "idf_component_get_property": self._get_component_property,
            "idf_component_optional_requires": self._optional_requires,
            "component_add_link_dependency": self._ignore,
            "idf_component_add_link_dependency": self._ignore,
            "add_custom_command": self._custom_command,
            "add_custom_target": self._custom_target,
            "add_dependencies": self._ignore,
            "project_dir": self._ignore,
        }

    def embed(self, target: Component, file: str, line: int, *, is_text: bool, renamed_to: str = "") -> None:
        """Embed a file into a target.

        Raises:
            GapError: a command of the project would have to make the file.
        """
        path = self._interpreter.find(file, line)
        if path in self.made_by_command and not path.is_file():
            raise self._interpreter.gap(line, f"{self._tree.shown(path)!r}, which {self.made_by_command[path]} makes")
        target.embedded.append(EmbeddedFile(path, is_text, self._interpreter.place(line), renamed_to))

    def folder_path(self, text: str, line: int) -> Path:
        """Return a folder that has to exist.

        Raises:
            KitError: it does not.
        """
        path = self._interpreter.find(text, line)
        if not path.is_dir():
            raise self._interpreter.error(line, f"folder {self._tree.shown(path)!r} does not exist")
        return path

    def _target(self, name: str, line: int) -> Component | None:
        """Return the target; None for one of ESP-IDF's own components, which is compiled apart."""
        target = self._current if not name else self._targets.find(name)
        if target is None and not name.startswith(("__idf_", "idf::")):
            raise self._interpreter.error(line, f"target {name[:80]!r} is not built by this project")
        return target

    def _add_binary_data(self, arguments: list[str], line: int) -> None:
        if len(arguments) < 3:
            raise self._interpreter.error(line, "expected target_add_binary_data(target file TEXT|BINARY)")
        target = self._target(arguments[0], line)
        extra = keyword_arguments(arguments[3:], frozenset({"RENAME_TO", "DEPENDS"}))
        renamed_to = next(iter(extra.get("RENAME_TO", [])), "")
        if target is None:
            raise self._interpreter.error(line, f"{arguments[0]!r} is ESP-IDF's own, nothing can be embedded there")
        self.embed(target, arguments[1], line, is_text=arguments[2] == "TEXT", renamed_to=renamed_to)

    def _target_options(self, arguments: list[str], line: int) -> None:
        self._add(arguments, line, self._options)

    def _target_definitions(self, arguments: list[str], line: int) -> None:
        self._add(arguments, line, self._definitions)

    def _target_include_directories(self, arguments: list[str], line: int) -> None:
        words = [word for word in arguments if word not in {"SYSTEM", "BEFORE", "AFTER"}]
        self._add(words, line, self._folders)

    def _add(self, arguments: list[str], line: int, settings: Callable[[list[str], int], CompileSettings]) -> None:
        """Add to a target's settings; `PUBLIC` and `INTERFACE` are also its users'."""
        if not arguments:
            raise self._interpreter.error(line, "expected a target")
        target = self._target(arguments[0], line)
        for scope, words in keyword_arguments(arguments[1:], _SCOPE_WORDS).items():
            new = settings(words, line)
            if target is not None and scope in {"PUBLIC", "INTERFACE"}:
                target.public = target.public.plus(new)
            elif target is not None:
                target.private = target.private.plus(new)
            elif new.definitions:
                raise self._interpreter.gap(line, f"definitions for ESP-IDF's own {component_name(arguments[0])!r}")

    def _options(self, words: list[str], line: int) -> CompileSettings:
        try:
            return settings_of_options(words)
        except OptionError as error:
            raise self._interpreter.gap(line, str(error)) from error

    def _definitions(self, words: list[str], line: int) -> CompileSettings:
        try:
            return CompileSettings(definitions=[definition(word) for word in words])
        except OptionError as error:
            raise self._interpreter.gap(line, str(error)) from error

    def _folders(self, words: list[str], line: int) -> CompileSettings:
        return CompileSettings(include_dirs=[self.folder_path(word, line) for word in words])

    def _folder_options(self, arguments: list[str], line: int) -> None:
        self.of_folder = self.of_folder.plus(self._options(arguments, line))

    def _folder_definitions(self, arguments: list[str], line: int) -> None:
        self.of_folder = self.of_folder.plus(self._definitions(arguments, line))

    def _folder_include_directories(self, arguments: list[str], line: int) -> None:
        words = [word for word in arguments if word not in {"SYSTEM", "BEFORE", "AFTER"}]
        self.of_folder = self.of_folder.plus(self._folders(words, line))

    def _link_libraries(self, arguments: list[str], line: int) -> None:
        target = self._targets.find(arguments[0]) if arguments else None
        for scope, items in keyword_arguments(arguments[1:], _SCOPE_WORDS).items():
            for item in items:
                if not _LINKED.fullmatch(item):
                    raise self._interpreter.gap(line, f"linking with {item[:80]!r}")
            components = [component_name(item) for item in items if item.startswith(("idf::", "__idf_"))]
            if target is not None and scope != "PRIVATE":
                target.public_links += components
            elif target is not None:
                target.links += components

    def _target_sources(self, arguments: list[str], line: int) -> None:
        target = self._target(arguments[0] if arguments else "", line)
        for item in arguments[1:]:
            if target is not None and item not in _SCOPE_WORDS:
                self.add_source(target, item, line)

    def add_source(self, target: Component, text: str, line: int) -> None:
        """Compile a file of the project into a target; headers in a list of sources only belong to it.

        Raises:
            KitError: it does not exist.
            GapError: it is made by a command, or is of another language than C and C++.
        """
        path = self._interpreter.find(text, line)
        if not path.is_file():
            if made_by := self.made_by_command.get(path):
                raise self._interpreter.gap(line, f"{self._tree.shown(path)!r}, which {made_by} makes")
            raise self._interpreter.error(line, f"source file {self._tree.shown(path)!r} does not exist")
        if path.suffix in {".h", ".hpp", ".hh", ".md", ".txt", ".inc"}:
            return
        if path.suffix not in COMPILED_SUFFIXES:
            form = f"sources of the form {path.suffix[:10]!r}"
            raise self._interpreter.gap(line, NOT_COMPILED.get(path.suffix, form))
        target.sources.append(path)

    def _source_properties(self, arguments: list[str], line: int) -> None:
        if "PROPERTIES" not in arguments:
            return
        position = arguments.index("PROPERTIES")
        files, pairs = arguments[:position], arguments[position + 1 :]
        for name, value in zip(pairs[::2], pairs[1::2], strict=False):
            self._set_source_property(files, name, [value], line)

    def _set_source_property(self, files: list[str], name: str, values: list[str], line: int) -> None:
        if name not in _SOURCE_PROPERTIES:
            return
        words = [word for value in values for word in (value.split() if name == "COMPILE_FLAGS" else split(value))]
        settings = self._definitions(words, line) if name == "COMPILE_DEFINITIONS" else self._options(words, line)
        for file in files:
            path = self._interpreter.find(file, line)
            for component in self._targets if self._current is None else (self._current,):
                component.of_source[path] = component.of_source.get(path, CompileSettings()).plus(settings)

    def _set_property(self, arguments: list[str], line: int) -> None:
        words = keyword_arguments(
            arguments, frozenset({"SOURCE", "TARGET", "DIRECTORY", "GLOBAL", "APPEND", "APPEND_STRING", "PROPERTY"})
        )
        name, *values = words.get("PROPERTY") or [""]
        if "SOURCE" in words:
            self._set_source_property(words["SOURCE"], name, values, line)
        for target in words.get("TARGET", []):
            if name in {"COMPILE_OPTIONS", "COMPILE_FLAGS"}:
                self._target_options([target, *(word for value in values for word in value.split())], line)
            elif name == "COMPILE_DEFINITIONS":
                self._target_definitions([target, *values], line)

        if (is_folders := "DIRECTORY" in words) or (words.get("TARGET") and name not in _FOLLOWED):
            self._refuse_if_compiled(name, line, "a folder" if is_folders else "a target")

    def _target_properties(self, arguments: list[str], line: int) -> None:
        for name in arguments[arguments.index("PROPERTIES") + 1 :: 2] if "PROPERTIES" in arguments else ():
            self._refuse_if_compiled(name, line, "a target")

    def _refuse_if_compiled(self, name: str, line: int, what: str) -> None:
        """Refuse a property that would change what is compiled; others change nothing that is built here."""
        if name in _COMPILED:
            raise self._interpreter.gap(line, f"the property {name} of {what}")

    def _set_build_property(self, arguments: list[str], line: int) -> None:
        name, *values = arguments or [""]
        words = [item for value in values if value != "APPEND" for item in split(value)]
        if name in {"COMPILE_OPTIONS", "C_COMPILE_OPTIONS"}:
            settings = self._options(words, line)
        elif name == "COMPILE_DEFINITIONS":
            settings = self._definitions(words, line)
        else:
            self._refuse_if_compiled(name, line, "the build")
            return
        self._everywhere.options += settings.options
        self._everywhere.definitions += settings.definitions

    def _get_build_property(self, arguments: list[str], line: int) -> None:
        if len(arguments) < 2:
            raise self._interpreter.error(line, "expected idf_build_get_property(variable property)")
        variables = self._interpreter.variables
        values = {
            "PROJECT_DIR": PROJECT_FOLDER,
            "IDF_PATH": IDF_FOLDER,
            "BUILD_DIR": f"{PROJECT_FOLDER}/build",
            "IDF_TARGET": variables.get("IDF_TARGET", ""),
            "TARGET": variables.get("IDF_TARGET", ""),
            "PROJECT_NAME": variables.get("PROJECT_NAME", ""),
            "IDF_VER": variables.get("IDF_VER", ""),
            "BUILD_COMPONENTS": ";".join(component.name for component in self._targets),
            "PYTHON": "python",
        }
        self._interpreter.put(arguments[0], values.get(arguments[1], ""), line)

    def _get_component_property(self, arguments: list[str], line: int) -> None:
        if len(arguments) < 3:
            raise self._interpreter.error(line, "expected idf_component_get_property(variable component property)")
        variable, name, wanted = arguments[0], component_name(arguments[1]), arguments[2]
        component = self._targets.of_component(name)
        values = {"COMPONENT_LIB": f"__idf_{name}", "COMPONENT_NAME": name, "COMPONENT_ALIAS": f"idf::{name}"}
        values["COMPONENT_DIR"] = f"{IDF_FOLDER}/components/{name}"
        if component is not None:
            values["COMPONENT_DIR"] = self._tree.name(component.folder)
            values["INCLUDE_DIRS"] = ";".join(self._tree.name(folder) for folder in component.include_dirs)
            values["REQUIRES"] = ";".join(component.requires)
            values["PRIV_REQUIRES"] = ";".join(component.private_requires)
        self._interpreter.put(variable, values.get(wanted, ""), line)

    def _optional_requires(self, arguments: list[str], line: int) -> None:  # noqa: ARG002 - every handler gets the line
        if self._current is not None:
            names = keyword_arguments(arguments, _SCOPE_WORDS)
            self._current.links += [*names.get("PRIVATE", []), *names.get("", [])]
            self._current.public_links += [*names.get("PUBLIC", []), *names.get("INTERFACE", [])]

    def _custom_command(self, arguments: list[str], line: int) -> None:
        """Keep in mind which files a command would make: they are missed only when something needs them."""
        words = keyword_arguments(
            arguments,
            frozenset({"OUTPUT", "COMMAND", "TARGET", "DEPENDS", "BYPRODUCTS", "COMMENT", "WORKING_DIRECTORY"}),
        )
        if "OUTPUT" not in words:
            raise self._interpreter.gap(line, "add_custom_command() for a target: nothing of a project is run")
        for output in words["OUTPUT"]:
            if output not in {"VERBATIM", "APPEND"}:
                folder = self._interpreter.variables.get("CMAKE_CURRENT_BINARY_DIR", "")
                path = self._interpreter.find(output if output.startswith("/") else f"{folder}/{output}", line)
                self.made_by_command[path] = f"add_custom_command() at {self._interpreter.place(line)}"

    def _custom_target(self, arguments: list[str], line: int) -> None:
        if "ALL" in arguments[1:2] and "COMMAND" in arguments:
            raise self._interpreter.gap(line, "add_custom_target(ALL): nothing of a project is run")

    def _ignore(self, arguments: list[str], line: int) -> None:
        """Follow a command that has no meaning on the virtual kit."""
