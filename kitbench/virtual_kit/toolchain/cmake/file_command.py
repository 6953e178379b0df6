"""CMake's `file()` and `get_filename_component()`, as far as they look at the project; nothing is ever written.

Source: cmake-commands(7), "file", "get_filename_component".
"""

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Final, Protocol

from kitbench.errors import GapError, KitError
from kitbench.virtual_kit.toolchain.cmake.pattern import NotFollowedError
from kitbench.virtual_kit.toolchain.cmake.source_tree import SourceTree

_MAX_READ: Final = 64 * 1024


class Variables(Protocol):
    """What these commands need of the interpreter."""

    @property
    def folder(self) -> Path:
        """The folder that relative paths belong to."""

    def put(self, name: str, value: str, line: int) -> None:
        """Set a variable of the scope that called the command."""

    def find(self, text: str, line: int) -> Path:
        """Return the path that a text names."""

    def error(self, line: int, message: str) -> KitError:
        """Return the student's error."""

    def gap(self, line: int, lacks: str) -> GapError:
        """Return the error for what is not followed here."""


class FileCommands:
    """The commands over one tree of files."""

    def __init__(self, tree: SourceTree, variables: Variables) -> None:
        """Take the files, and where the results go."""
        self._tree = tree
        self._variables = variables
        self._operations: dict[str, Callable[[list[str], int], None]] = {
            "GLOB": lambda rest, line: self._glob(rest, line, recursive=False),
            "GLOB_RECURSE": lambda rest, line: self._glob(rest, line, recursive=True),
            "READ": self._read,
            "STRINGS": self._strings,
            "RELATIVE_PATH": self._relative_path,
            "TO_CMAKE_PATH": self._to_cmake_path,
        }

    def file(self, arguments: list[str], line: int) -> None:
        """Follow one `file()` command.

        Raises:
            GapError: it would write, reach the network, or is not known.
        """
        operation, *rest = arguments or [""]
        if operation not in self._operations or not rest:
            raise self._variables.gap(line, f"CMake's file({operation[:20]})")
        self._operations[operation](rest, line)

    def get_filename_component(self, arguments: list[str], line: int) -> None:
        """Set a variable to a part of a path.

        Raises:
            KitError: the part is not known, or an absolute path is wanted of one that leaves the project.
        """
        if len(arguments) < 3:
            raise self._variables.error(line, "expected get_filename_component(name path part)")
        name, text, part = arguments[:3]
        path = PurePosixPath(text)
        suffixes = "." + path.name.partition(".")[2] if "." in path.name else ""
        parts = {
            "DIRECTORY": str(path.parent) if "/" in text else "",
            "PATH": str(path.parent) if "/" in text else "",
            "NAME": path.name,
            "EXT": suffixes,
            "LAST_EXT": path.suffix,
            "NAME_WE": path.name.partition(".")[0],
            "NAME_WLE": path.stem,
        }
        if part in parts:
            self._variables.put(name, parts[part], line)
        elif part in {"ABSOLUTE", "REALPATH"}:
            base = arguments[arguments.index("BASE_DIR") + 1] if "BASE_DIR" in arguments[:-1] else "."
            joined = text if path.is_absolute() else f"{base}/{text}"
            self._variables.put(name, self._tree.name(self._variables.find(joined, line)), line)
        else:
            raise self._variables.gap(line, f"CMake's get_filename_component({part[:20]})")

    def _glob(self, arguments: list[str], line: int, *, recursive: bool) -> None:
        name, *rest = arguments
        base = None
        patterns: list[str] = []
        words = iter(rest)
        for word in words:
            if word == "RELATIVE":
                base = self._variables.find(next(words, "."), line)
            elif word in {"LIST_DIRECTORIES", "FOLLOW_SYMLINKS", "CONFIGURE_DEPENDS"}:
                _ = next(words, "") if word == "LIST_DIRECTORIES" else ""
            else:
                patterns.append(word)
        found: list[Path] = []
        try:
            for pattern in patterns:
                found += self._tree.glob(self._variables.folder, pattern, recursive=recursive)
        except NotFollowedError as error:
            raise self._variables.gap(line, str(error)) from error
        except ValueError as error:
            raise self._variables.error(line, str(error)) from error
        names = [self._tree.name(path) if base is None else _relative(path, base) for path in found]
        self._variables.put(name, ";".join(dict.fromkeys(sorted(names))), line)

    def _read(self, arguments: list[str], line: int) -> None:
        text = self._text(arguments, line)
        self._variables.put(arguments[1], text, line)

    def _strings(self, arguments: list[str], line: int) -> None:
        lines = [row for row in self._text(arguments, line).splitlines() if row]
        self._variables.put(arguments[1], ";".join(lines), line)

    def _text(self, arguments: list[str], line: int) -> str:
        if len(arguments) != 2:
            raise self._variables.gap(line, "CMake's file(READ|STRINGS) with options")
        path = self._variables.find(arguments[0], line)
        if not path.is_file() or path.stat().st_size > _MAX_READ:
            raise self._variables.error(
                line, f"file {self._tree.shown(path)!r} does not exist, or is too large to read"
            )
        return path.read_text("utf-8", "replace")

    def _relative_path(self, arguments: list[str], line: int) -> None:
        if len(arguments) != 3:
            raise self._variables.error(line, "expected file(RELATIVE_PATH name folder file)")
        base, path = (self._variables.find(text, line) for text in arguments[1:])
        self._variables.put(arguments[0], _relative(path, base), line)

    def _to_cmake_path(self, arguments: list[str], line: int) -> None:
        self._variables.put(arguments[-1], arguments[0].replace("\\", "/"), line)


def _relative(path: Path, base: Path) -> str:
    return PurePosixPath(os.path.relpath(path, base)).as_posix()
