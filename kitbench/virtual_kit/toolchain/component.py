"""A component of an ESP-IDF project: what its CMakeLists.txt registers.

Source: ESP-IDF, API guides, "Build System"; `tools/cmake/component.cmake`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.cmake_interpreter import IDF_PATH_MARK, Interpreter, keyword_arguments

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
#: Options that change nothing but warnings, definitions and optimisation. Everything else could read files.
_HARMLESS_OPTION: Final = re.compile(
    r"-W[A-Za-z0-9][A-Za-z0-9=+-]*|-O[0-3sg]?|-std=[a-z0-9+]+|-g[0-3]?|-f(no-)?strict-.*"
)
_LINKER_OPTION: Final = re.compile(r"-W[lap],.*")
_DEFINITION: Final = re.compile(r"-D\s*([A-Za-z_][A-Za-z0-9_]*(?:=.*)?)")
#: In bytes; what every file system has room for, the private copy's own path included.
_LONGEST_PATH: Final = 1024
_LONGEST_NAME: Final = 255
_SCOPE_WORDS: Final = frozenset({"PRIVATE", "PUBLIC", "INTERFACE"})


@dataclass(frozen=True, slots=True)
class EmbeddedFile:
    """A file that goes into the app as it is; text gets a NUL behind it."""

    path: Path
    is_text: bool
    line: str
    renamed_to: str = ""

    @property
    def symbol(self) -> str:
        """The middle of `_binary_<symbol>_start`."""
        return re.sub(r"[^\w]", "_", self.renamed_to or self.path.name, flags=re.ASCII)


@dataclass(frozen=True, slots=True)
class Component:
    """Everything the build needs of a component; paths are absolute and inside the private copy."""

    name: str
    folder: Path
    sources: tuple[Path, ...] = ()
    include_dirs: tuple[Path, ...] = ()
    private_include_dirs: tuple[Path, ...] = ()
    embedded: tuple[EmbeddedFile, ...] = ()
    definitions: tuple[str, ...] = ()


class ComponentReader:
    """Follows one component's CMakeLists.txt."""

    def __init__(self, folder: Path, root: Path, config: Mapping[str, str], *, target: str) -> None:
        """Take the component's folder, the private copy's root, and `CONFIG_…` variables."""
        self._folder = folder
        self._root = root
        self._sources: list[Path] = []
        self._include_dirs: list[Path] = []
        self._private_include_dirs: list[Path] = []
        self._embedded: list[EmbeddedFile] = []
        self._definitions: list[str] = []
        self._registered = False
        self._file = str(PurePosixPath((folder / "CMakeLists.txt").relative_to(root).as_posix()))
        variables = {
            **config,
            "COMPONENT_DIR": ".",
            "CMAKE_CURRENT_LIST_DIR": ".",
            "CMAKE_CURRENT_SOURCE_DIR": ".",
            "COMPONENT_LIB": "__component",
            "COMPONENT_TARGET": "__component",
            "COMPONENT_NAME": folder.name,
            "IDF_TARGET": target,
            "ESP_PLATFORM": "1",
        }
        self._interpreter = Interpreter(
            self._file,
            variables,
            {
                "idf_component_register": self._register,
                "register_component": self._register_old,
                "target_add_binary_data": self._add_binary_data,
                "target_compile_options": self._compile_options,
                "component_compile_options": self._compile_options,
                "target_compile_definitions": self._compile_definitions,
                "component_compile_definitions": self._compile_definitions,
                "target_include_directories": self._target_include_directories,
                "target_link_libraries": self._link_libraries,
                "idf_component_get_property": self._get_property,
                "idf_build_get_property": self._get_property,
            },
        )

    def read(self, text: str) -> Component:
        """Return the component.

        Raises:
            KitError: a command or path that cannot be followed; names file and line.
        """
        self._interpreter.run(text)
        if not self._registered:
            raise self._interpreter.error(1, "no idf_component_register() in the component")
        return Component(
            self._folder.name,
            self._folder,
            tuple(dict.fromkeys(self._sources)),
            tuple(dict.fromkeys(self._include_dirs)),
            tuple(dict.fromkeys(self._private_include_dirs)),
            tuple(self._embedded),
            tuple(self._definitions),
        )

    def _register(self, arguments: list[str], line: int) -> None:
        values = keyword_arguments(arguments, _REGISTER_KEYWORDS)
        if unknown := values[""]:
            raise self._interpreter.error(line, f"idf_component_register() does not know {unknown[0]!r}")
        excluded = {self._path(item, line) for item in values.get("EXCLUDE_SRCS", [])}
        self._add_sources(values.get("SRCS", []), values.get("SRC_DIRS", []), line)
        self._sources = [source for source in self._sources if source not in excluded]
        self._include_dirs += [self._folder_path(item, line) for item in values.get("INCLUDE_DIRS", [])]
        self._private_include_dirs += [self._folder_path(item, line) for item in values.get("PRIV_INCLUDE_DIRS", [])]
        for keyword, is_text in (("EMBED_FILES", False), ("EMBED_TXTFILES", True)):
            self._embed(values.get(keyword, []), line, is_text=is_text)
        self._registered = True

    def _register_old(self, arguments: list[str], line: int) -> None:  # noqa: ARG002 - it takes none
        """Register from variables, as ESP-IDF 3 did and 4 and 5 still allow; blanks separate, too."""
        sources = self._old_list("COMPONENT_SRCS")
        folders = self._old_list("COMPONENT_SRCDIRS") or ([] if sources else ["."])
        self._add_sources(sources, folders, line)
        public = self._old_list("COMPONENT_ADD_INCLUDEDIRS")
        self._include_dirs += [self._folder_path(item, line) for item in public]
        private = self._old_list("COMPONENT_PRIV_INCLUDEDIRS")
        self._private_include_dirs += [self._folder_path(item, line) for item in private]
        self._embed(self._old_list("COMPONENT_EMBED_FILES"), line, is_text=False)
        self._embed(self._old_list("COMPONENT_EMBED_TXTFILES"), line, is_text=True)
        self._registered = True

    def _old_list(self, name: str) -> list[str]:
        return (
            re.split(r"[; \t\n]+", self._interpreter.variables.get(name, "").strip("; \t\n"))
            if (self._interpreter.variables.get(name, "").strip("; \t\n"))
            else []
        )

    def _add_sources(self, sources: list[str], folders: list[str], line: int) -> None:
        for source in sources:
            path = self._path(source, line)
            if path.suffix != ".c":
                raise self._interpreter.error(line, f"{source!r}: only C is compiled for the virtual kit")
            if not path.is_file():
                raise self._interpreter.error(line, f"source file {source!r} does not exist")
            self._sources.append(path)
        for folder in folders:
            self._sources += sorted(self._folder_path(folder, line).glob("*.c"))

    def _embed(self, files: list[str], line: int, *, is_text: bool, renamed_to: str = "") -> None:
        for file in files:
            path = self._path(file, line)
            self._embedded.append(EmbeddedFile(path, is_text, f"{self._file}:{line}", renamed_to))

    def _add_binary_data(self, arguments: list[str], line: int) -> None:
        if len(arguments) < 3 or arguments[2] not in {"TEXT", "BINARY"}:
            raise self._interpreter.error(line, "expected target_add_binary_data(target file TEXT|BINARY)")
        extra = keyword_arguments(arguments[3:], frozenset({"RENAME_TO", "DEPENDS"}))
        renamed_to = next(iter(extra.get("RENAME_TO", [])), "")
        self._embed([arguments[1]], line, is_text=arguments[2] == "TEXT", renamed_to=renamed_to)

    def _compile_options(self, arguments: list[str], line: int) -> None:
        for option in arguments:
            if option in _SCOPE_WORDS or option == "__component":
                continue
            if definition := _DEFINITION.fullmatch(option):
                self._definitions.append(definition[1])
            elif not _HARMLESS_OPTION.fullmatch(option) or _LINKER_OPTION.fullmatch(option):
                raise self._interpreter.error(line, f"compile option {option!r} is not allowed on the virtual kit")

    def _compile_definitions(self, arguments: list[str], line: int) -> None:
        for item in arguments:
            if item in _SCOPE_WORDS or item == "__component":
                continue
            definition = _DEFINITION.fullmatch(item if item.startswith("-D") else f"-D{item}")
            if definition is None:
                raise self._interpreter.error(line, f"{item!r} is no definition")
            self._definitions.append(definition[1])

    def _target_include_directories(self, arguments: list[str], line: int) -> None:
        folders = [item for item in arguments[1:] if item not in _SCOPE_WORDS | {"SYSTEM", "BEFORE", "AFTER"}]
        self._private_include_dirs += [self._folder_path(item, line) for item in folders]

    def _link_libraries(self, arguments: list[str], line: int) -> None:
        for item in arguments[1:]:
            if item not in _SCOPE_WORDS and not re.fullmatch(r"(idf::)?[A-Za-z_][\w-]*|m|\"?-u \w+\"?", item):
                raise self._interpreter.error(line, f"linking with {item!r} is not possible on the virtual kit")

    def _get_property(self, arguments: list[str], line: int) -> None:  # noqa: ARG002 - properties are all empty
        for name in arguments[:1]:
            self._interpreter.variables[name] = ""

    def _folder_path(self, text: str, line: int) -> Path:
        path = self._path(text, line)
        if not path.is_dir():
            raise self._interpreter.error(line, f"folder {text!r} does not exist")
        return path

    def _path(self, text: str, line: int) -> Path:
        """Return the path inside the copy; what leaves the component is refused, `..` above all."""
        try:
            return inside(self._folder, self._root, text)
        except ValueError as error:
            raise self._interpreter.error(line, str(error)) from error


def inside(folder: Path, root: Path, text: str) -> Path:
    """Return `folder`/`text`, made sure to lie below `root`.

    Raises:
        ValueError: it is absolute, or leaves `root`.
    """
    relative = PurePosixPath(text.replace("\\", "/"))
    if relative.is_absolute() or IDF_PATH_MARK in text or "\0" in text or ":" in text:
        raise ValueError(f"path {text!r} is not below the project")
    if len(text.encode()) > _LONGEST_PATH or any(len(part.encode()) > _LONGEST_NAME for part in relative.parts):
        raise ValueError(f"path {text[:40]!r}… is too long")
    parts: list[str] = list(folder.relative_to(root).parts)
    for part in relative.parts:
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise ValueError(f"path {text!r} leaves the project")
    return root.joinpath(*parts)


def read_component(folder: Path, root: Path, config: Mapping[str, str], *, target: str = "esp32") -> Component:
    """Return the component whose CMakeLists.txt stands in `folder`.

    Raises:
        KitError: it has none, or one that cannot be followed.
    """
    try:
        text = (folder / "CMakeLists.txt").read_text("utf-8", "replace")
    except OSError as error:
        raise KitError(f"component {folder.name!r} has no CMakeLists.txt", stage="build") from error
    return ComponentReader(folder, root, config, target=target).read(text)
