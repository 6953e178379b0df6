"""Follows CMake files of ESP-IDF projects: variables, branches, loops, functions; what it does not know it refuses.

Nothing is executed: there is no command here that runs a program, writes a file or looks outside of the project.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, NoReturn

from kitbench.errors import GapError, KitError
from kitbench.firmware.esp_idf_index.index import esp_idf_index
from kitbench.firmware.esp_idf_index.kind import Kind
from kitbench.virtual_kit.toolchain.cmake import list_command, string_command
from kitbench.virtual_kit.toolchain.cmake.blocks import Block, Node, nest
from kitbench.virtual_kit.toolchain.cmake.built_in import BUILT_IN
from kitbench.virtual_kit.toolchain.cmake.condition import ConditionError, evaluate
from kitbench.virtual_kit.toolchain.cmake.file_command import FileCommands
from kitbench.virtual_kit.toolchain.cmake.pattern import NotFollowedError
from kitbench.virtual_kit.toolchain.cmake.source_tree import IDF_FOLDER, SourceTree
from kitbench.virtual_kit.toolchain.cmake.syntax import Argument, ArgumentKind, Command, parse, syntax_error

#: A command's meaning: gets its expanded arguments and the line.
Handler = Callable[[list[str], int], None]

#: More steps than any project needs; a bound against files made to be slow.
_MAX_STEPS: Final = 20_000
_MAX_VALUE: Final = 64 * 1024
#: Characters of all values that are set or put into arguments: a list that each command makes longer is copied by each.
_MAX_TEXT: Final = 32 << 20
_MAX_DEPTH: Final = 20

_REFERENCE: Final = re.compile(r"\$(?P<space>ENV|CACHE)?\{(?P<name>[A-Za-z0-9_./+-]*)\}")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", ";": "\\;", "\n": ""}
#: Commands that change nothing here: policies, messages' verbosity, installation, tests of the host.
_WITHOUT_MEANING: Final = (
    "cmake_minimum_required",
    "cmake_policy",
    "enable_language",
    "mark_as_advanced",
    "enable_testing",
)


class _Leave(Exception):  # noqa: N818 - no error: it goes where the loop or file ends
    """break(), continue() or return(), on its way to where it ends."""

    def __init__(self, how: str) -> None:
        super().__init__(how)
        self.how = how


class Interpreter:
    """Variables and commands of the CMake files of one project or component.

    Attributes:
        variables: name → value; lists are joined by semicolons.
        is_target_known: answers `if(TARGET …)`.
    """

    def __init__(self, tree: SourceTree, variables: Mapping[str, str], handlers: Mapping[str, Handler]) -> None:
        """Take the files that there are, the variables it starts with, and what it may call beside CMake's own."""
        self.variables = dict(variables)
        self.is_target_known: Callable[[str], bool] = lambda _: False
        self._tree = tree
        self._path = tree.root / "CMakeLists.txt"
        self._steps = 0
        self._text = 0
        self._depth = 0
        self._defined: dict[str, Block] = {}
        self._scopes: list[dict[str, str]] = []
        files = FileCommands(tree, self)
        self._handlers: dict[str, Handler] = {
            **dict.fromkeys(_WITHOUT_MEANING, _ignore),
            "set": self._set,
            "unset": self._unset,
            "option": self._option,
            "list": self._list,
            "string": self._string,
            "math": self._math,
            "message": self._message,
            "include": self.include,
            "include_if_exists": self.include,
            "return": lambda *_: _leave("return"),
            "break": lambda *_: _leave("break"),
            "continue": lambda *_: _leave("continue"),
            "cmake_parse_arguments": self._parse_arguments,
            "separate_arguments": self._separate,
            "spaces2list": self._separate,
            "get_filename_component": files.get_filename_component,
            "file": files.file,
            **handlers,
        }

    @property
    def folder(self) -> Path:
        """The folder that relative paths belong to: that of the CMakeLists.txt, not of a file that it includes."""
        return self._tree.find(self.variables.get("CMAKE_CURRENT_SOURCE_DIR", "."), self._tree.root)

    def run(self, path: Path) -> None:
        """Follow a file's commands.

        Raises:
            KitError: a command is not known or used in a way that is not known; names file and line.
        """
        text = path.read_text("utf-8-sig", "replace")  # CMake passes over a byte order mark, too
        before = self._path, self.variables.get("CMAKE_CURRENT_LIST_DIR"), self.variables.get("CMAKE_CURRENT_LIST_FILE")
        self._path = path
        self._point_at(self._tree.name(path.parent), self._tree.name(path))
        try:
            self._follow(nest(parse(text, self._shown), self._shown))
        except _Leave as leave:
            if leave.how != "return":
                raise self.error(1, f"{leave.how}() outside of a loop") from leave
        finally:
            self._path = before[0]
            self._point_at(before[1] or "", before[2] or "")

    def error(self, line: int, message: str) -> KitError:
        """Return the student's error at a line of the file that is followed."""
        return syntax_error(self._shown, line, message)

    def gap(self, line: int, lacks: str) -> GapError:
        """Return the error for what CMake has and this interpreter does not."""
        return GapError(lacks, where=self.place(line))

    def place(self, line: int) -> str:
        """Return `file:line` as messages show it."""
        return f"{self._shown}:{line}"

    def find(self, text: str, line: int) -> Path:
        """Return the path that a text names, inside the private copy.

        Raises:
            KitError: it leaves the project.
        """
        try:
            return self._tree.find(text, self.folder)
        except NotFollowedError as error:
            raise self.gap(line, str(error)) from error
        except ValueError as error:
            raise self.error(line, str(error)) from error

    def exists(self, path: str) -> bool:
        """Whether a file or folder of the project exists."""
        return bool(path) and self._tree.exists(path, self.folder)

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder of the project."""
        return self.exists(path) and self._tree.find(path, self.folder).is_dir()

    def is_command(self, name: str) -> bool:
        """Whether a command of this name is known."""
        return name.lower() in self._handlers or name.lower() in self._defined

    def is_target(self, name: str) -> bool:
        """Whether a target of this name is known."""
        return self.is_target_known(name)

    @property
    def _shown(self) -> str:
        return self._tree.shown(self._path)

    def _point_at(self, folder: str, file: str) -> None:
        self.variables["CMAKE_CURRENT_LIST_DIR"] = folder
        self.variables["CMAKE_CURRENT_LIST_FILE"] = file

    def _follow(self, nodes: Iterable[Node]) -> None:
        for node in nodes:
            self._steps += 1
            if self._steps > _MAX_STEPS:
                line = node.opening.line if isinstance(node, Block) else node.line
                raise self.error(line, f"more than {_MAX_STEPS} commands are followed")
            if isinstance(node, Command):
                self._call(node)
            else:
                self._follow_block(node)

    def _follow_block(self, block: Block) -> None:
        match block.opening.name:
            case "foreach":
                self._foreach(block)
            case "while":
                while self._condition(block.opening) and self._round(block):
                    pass
            case "function" | "macro":
                names = self._expand_all(block.opening)
                if not names:
                    raise self.error(block.opening.line, f"{block.opening.name}() without a name")
                self._defined[names[0].lower()] = block
            case _:
                self._branch(block)

    def _branch(self, block: Block) -> None:
        if block.opening.name == "else" or self._condition(block.opening):
            self._follow(block.body)
        elif block.otherwise is not None:
            self._follow_block(block.otherwise)

    def _foreach(self, block: Block) -> None:
        arguments = self._expand_all(block.opening)
        try:
            name, items = list_command.foreach_items(arguments, self.variables)
        except NotFollowedError as error:
            raise self.gap(block.opening.line, str(error)) from error
        except ValueError as error:
            raise self.error(block.opening.line, str(error)) from error
        before = self.variables.get(name)
        for item in items:
            self.variables[name] = item
            if not self._round(block):
                break
        self.assign(name, before)

    def _round(self, block: Block) -> bool:
        """Follow a loop's body once; False where it asks for no further round."""
        # An empty body has no steps of its own.
        self._steps += 1
        try:
            self._follow(block.body)
        except _Leave as leave:
            if leave.how == "return":
                raise
            return leave.how == "continue"
        if self._steps > _MAX_STEPS:
            raise self.error(block.opening.line, f"more than {_MAX_STEPS} commands are followed")
        return True

    def _call(self, command: Command) -> None:
        if block := self._defined.get(command.name):
            self._call_defined(block, command)
            return
        handler = self._handlers.get(command.name)
        if handler is None and is_known(command.name):
            raise self.gap(command.line, f"CMake's {command.name}()")
        if handler is None:
            raise self.error(command.line, f"unknown CMake command {command.name[:80]!r}")
        handler(self._expand_all(command), command.line)

    def _call_defined(self, block: Block, command: Command) -> None:
        if self._depth >= _MAX_DEPTH:
            raise self.error(command.line, f"more than {_MAX_DEPTH} functions call each other")
        _, *names = self._expand_all(block.opening)
        values = self._expand_all(command)
        given = dict(zip(names, values, strict=False))
        given |= {"ARGC": str(len(values)), "ARGV": ";".join(values), "ARGN": ";".join(values[len(names) :])}
        given |= {f"ARGV{number}": value for number, value in enumerate(values)}
        outer = self.variables
        self._depth += 1
        if block.opening.name == "function":
            self.variables = {**outer, **given}
            self._scopes.append(outer)
        hidden = {name: outer.get(name) for name in given}
        self.variables.update(given)
        try:
            self._follow(block.body)
        except _Leave as leave:
            if leave.how != "return" or block.opening.name == "macro":
                raise
        finally:
            self._depth -= 1
            if block.opening.name == "function":
                self.variables = self._scopes.pop()
            else:
                for name, value in hidden.items():
                    self.assign(name, value)

    def _condition(self, command: Command) -> bool:
        expanded = [Argument(self._expand(item, command.line), item.kind) for item in command.arguments]
        try:
            return evaluate(expanded, self.variables, self)
        except NotFollowedError as error:
            raise self.gap(command.line, str(error)) from error
        except ConditionError as error:
            raise self.error(command.line, str(error)) from error

    def _expand_all(self, command: Command) -> list[str]:
        values: list[str] = []
        for argument in command.arguments:
            text = self._expand(argument, command.line)
            if argument.kind is ArgumentKind.UNQUOTED:
                values += list_command.split(text)
            else:
                values.append(text)
        return values

    def _expand(self, argument: Argument, line: int) -> str:
        if argument.kind is ArgumentKind.BRACKET:
            return argument.text
        text = argument.text
        # Inner references first, as in ${${name}_FILES}; each round takes one level away.
        for _ in range(4):
            expanded = _REFERENCE.sub(self._look_up, text)
            self._count(expanded, line)
            if expanded == text:
                break
            text = expanded
        if "${" in text or "$ENV{" in text:
            raise self.gap(line, f"CMake's {text[:60]!r}")
        return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text)

    def _look_up(self, match: re.Match[str]) -> str:
        """Return a variable's value; of the environment there is nothing but IDF_PATH, as on a machine set up anew."""
        if match["space"] == "ENV":
            return IDF_FOLDER if match["name"] == "IDF_PATH" else ""
        return self.variables.get(match["name"], "")

    def assign(self, name: str, value: str | None) -> None:
        """Set a variable, or forget it."""
        if value is None:
            self.variables.pop(name, None)
        else:
            self.variables[name] = value

    def put(self, name: str, value: str, line: int) -> None:
        """Set a variable to the result of a command.

        Raises:
            KitError: it grows too long.
        """
        self._count(value, line)
        self.variables[name] = value

    def _count(self, value: str, line: int) -> None:
        self._text += len(value)
        if len(value) > _MAX_VALUE:
            raise self.error(line, "a value grows too long")
        if self._text > _MAX_TEXT:
            raise self.error(line, f"more than {_MAX_TEXT >> 20} MB of values are followed")

    def _set(self, arguments: list[str], line: int) -> None:
        if not arguments:
            raise self.error(line, "set() without a variable")
        name, *values = arguments
        scope = self.variables
        if values[-1:] == ["PARENT_SCOPE"]:
            values.pop()
            scope = self._scopes[-1] if self._scopes else {}
        if "CACHE" in values:
            values = values[: values.index("CACHE")]
            if name in scope:
                return
        if name.startswith("ENV{"):
            raise self.gap(line, "CMake's set(ENV{})")
        if values:
            scope[name] = ";".join(values)
        else:
            scope.pop(name, None)

    def _unset(self, arguments: list[str], line: int) -> None:  # noqa: ARG002 - every handler gets the line
        for name in arguments[:1]:
            self.variables.pop(name, None)

    def _option(self, arguments: list[str], line: int) -> None:  # noqa: ARG002 - every handler gets the line
        for name in arguments[:1]:
            self.variables.setdefault(name, arguments[2] if len(arguments) > 2 else "OFF")

    def _list(self, arguments: list[str], line: int) -> None:
        self._assign_all(list_command.run, arguments, line)

    def _string(self, arguments: list[str], line: int) -> None:
        self._assign_all(string_command.run, arguments, line)

    def _math(self, arguments: list[str], line: int) -> None:
        self._assign_all(string_command.math, arguments, line)

    def _parse_arguments(self, arguments: list[str], line: int) -> None:
        self._assign_all(list_command.parse_arguments, arguments, line)

    def _assign_all(
        self, command: Callable[[Sequence[str], Mapping[str, str]], dict[str, str]], arguments: list[str], line: int
    ) -> None:
        try:
            values = command(arguments, self.variables)
        except NotFollowedError as error:
            raise self.gap(line, str(error)) from error
        except ValueError as error:
            raise self.error(line, str(error)) from error
        for name, value in values.items():
            self.put(name, value, line)

    def _separate(self, arguments: list[str], line: int) -> None:  # noqa: ARG002 - every handler gets the line
        for name in arguments[:1]:
            text = self.variables.get(name, "") if len(arguments) == 1 else " ".join(arguments[2:])
            self.variables[name] = ";".join(text.split())

    def _message(self, arguments: list[str], line: int) -> None:
        if arguments[:1] in (["FATAL_ERROR"], ["SEND_ERROR"]):
            raise self.error(line, f"the project stops its own build: {' '.join(arguments[1:])[:200]}")

    def include(self, arguments: list[str], line: int) -> None:
        """Follow another file of the project, in place.

        Raises:
            KitError: it is not part of the project, does not exist, or includes itself.
        """
        if not arguments:
            raise self.error(line, "include() without a file")
        path = self.find(arguments[0], line)
        if not path.is_file():
            if "OPTIONAL" in arguments:
                return
            raise self.error(line, f"included file {self._tree.shown(path)!r} does not exist")
        if self._depth >= _MAX_DEPTH:
            raise self.error(line, f"more than {_MAX_DEPTH} files include each other")
        self._depth += 1
        try:
            self.run(path)
        finally:
            self._depth -= 1


def is_known(name: str) -> bool:
    """Whether CMake or ESP-IDF's build system has a command of this name."""
    return name in BUILT_IN or bool(esp_idf_index().find(name, Kind.CMAKE))


def _leave(how: str) -> NoReturn:
    raise _Leave(how)


def _ignore(arguments: list[str], line: int) -> None:
    """Follow a command that has no meaning here."""
