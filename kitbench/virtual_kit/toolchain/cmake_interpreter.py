"""Follows the few commands of CMake that ESP-IDF project files need; every other one is refused by name.

Nothing is executed and no file is opened: the caller hands in the text and a table of what it understands.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kitbench.errors import KitError
from kitbench.virtual_kit.toolchain.cmake_condition import ConditionError, evaluate
from kitbench.virtual_kit.toolchain.cmake_syntax import Argument, ArgumentKind, Command, parse, syntax_error

#: A command's meaning: gets its expanded arguments and the line.
Handler = Callable[[list[str], int], None]

#: Stands for `$ENV{IDF_PATH}` in paths; no real path contains it.
IDF_PATH_MARK: Final = "<IDF_PATH>"
#: More commands than any project file has; a bound against files made to be slow.
_MAX_COMMANDS: Final = 2000
_MAX_VALUE: Final = 64 * 1024

_REFERENCE: Final = re.compile(r"\$(?P<environment>ENV)?\{(?P<name>[A-Za-z0-9_./+-]*)\}")
_ESCAPE: Final = re.compile(r"\\(.)", re.DOTALL)
_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", ";": "\\;"}


class Interpreter:
    """Variables and commands of one CMakeLists.txt.

    Attributes:
        variables: name → value; lists are joined by semicolons.
    """

    def __init__(self, file: str, variables: Mapping[str, str], handlers: Mapping[str, Handler]) -> None:
        """Take the file's name as messages show it, the variables it starts with, and what it may call."""
        self.variables = dict(variables)
        self._file = file
        self._handlers: dict[str, Handler] = {
            "set": self._set,
            "unset": self._unset,
            "list": self._list,
            "cmake_minimum_required": _ignore,
            "message": self._message,
            **handlers,
        }

    def run(self, text: str) -> None:
        """Follow the file's commands.

        Raises:
            KitError: a command is not known or used in a way that is not known; names file and line.
        """
        commands = parse(text, self._file)
        if len(commands) > _MAX_COMMANDS:
            raise syntax_error(self._file, 1, f"more than {_MAX_COMMANDS} commands")
        branches: list[_Branch] = []
        for command in commands:
            if command.name in {"if", "elseif", "else", "endif"}:
                self._branch(command, branches)
            elif all(branch.active for branch in branches):
                self._call(command)
        if branches:
            raise syntax_error(self._file, branches[-1].line, "no endif() closes this if()")

    def error(self, line: int, message: str) -> KitError:
        """Return the student's error at a line of this file."""
        return syntax_error(self._file, line, message)

    def _call(self, command: Command) -> None:
        handler = self._handlers.get(command.name)
        if handler is None:
            raise self.error(
                command.line, f"CMake command {command.name!r} is not followed on the virtual kit (docs/fidelity.md)"
            )
        handler(self._expand_all(command), command.line)

    def _branch(self, command: Command, branches: list["_Branch"]) -> None:
        if command.name == "if":
            outer = all(branch.active for branch in branches)
            active = outer and self._condition(command)
            branches.append(_Branch(command.line, active=active, done=active or not outer))
            return
        if not branches:
            raise self.error(command.line, f"{command.name}() without if()")
        branch = branches[-1]
        if command.name == "endif":
            branches.pop()
        else:
            branch.active = not branch.done and (command.name == "else" or self._condition(command))
            branch.done = branch.done or branch.active

    def _condition(self, command: Command) -> bool:
        expanded = [Argument(self._expand(item, command.line), item.kind) for item in command.arguments]
        try:
            return evaluate(expanded, self.variables)
        except ConditionError as error:
            raise self.error(command.line, str(error)) from error

    def _expand_all(self, command: Command) -> list[str]:
        values: list[str] = []
        for argument in command.arguments:
            text = self._expand(argument, command.line)
            if argument.kind is ArgumentKind.UNQUOTED:
                values += [item for item in text.split(";") if item]
            else:
                values.append(text)
        return values

    def _expand(self, argument: Argument, line: int) -> str:
        if argument.kind is ArgumentKind.BRACKET:
            return argument.text
        text = argument.text
        # Inner references first, as in ${${name}_FILES}; each round takes one level away.
        for _ in range(4):
            expanded = _REFERENCE.sub(lambda match: self._look_up(match, line), text)
            if len(expanded) > _MAX_VALUE:
                raise self.error(line, "a value grows too long")
            if expanded == text:
                break
            text = expanded
        if "${" in text or "$<" in text or "$ENV" in text:
            raise self.error(line, f"{text[:60]!r} is not followed on the virtual kit (docs/fidelity.md)")
        return _ESCAPE.sub(lambda match: _ESCAPES.get(match[1], match[1]), text)

    def _look_up(self, match: re.Match[str], line: int) -> str:
        if not match["environment"]:
            return self.variables.get(match["name"], "")
        if match["name"] == "IDF_PATH":
            return IDF_PATH_MARK
        raise self.error(line, f"environment variable {match['name']!r} does not exist in this build")

    def _set(self, arguments: list[str], line: int) -> None:
        if not arguments:
            raise self.error(line, "set() without a variable")
        name, *values = arguments
        for keyword in ("CACHE", "PARENT_SCOPE"):
            if keyword in values:
                values = values[: values.index(keyword)]
        self.variables[name] = ";".join(values)

    def _unset(self, arguments: list[str], line: int) -> None:  # noqa: ARG002 - every handler gets the line
        for name in arguments[:1]:
            self.variables.pop(name, None)

    def _list(self, arguments: list[str], line: int) -> None:
        if len(arguments) < 2 or arguments[0] not in {"APPEND", "PREPEND"}:
            raise self.error(line, f"list({' '.join(arguments[:1])}) is not followed on the virtual kit")
        operation, name, *values = arguments
        old = [self.variables[name]] if self.variables.get(name) else []
        joined = ";".join([*old, *values] if operation == "APPEND" else [*values, *old])
        if len(joined) > _MAX_VALUE:
            raise self.error(line, "a value grows too long")
        self.variables[name] = joined

    def _message(self, arguments: list[str], line: int) -> None:
        if arguments[:1] == ["FATAL_ERROR"]:
            raise self.error(line, f"the project stops its own build: {' '.join(arguments[1:])[:200]}")


class _Branch:
    """One open if(): whether its current part is followed, and whether some part has been."""

    def __init__(self, line: int, *, active: bool, done: bool) -> None:
        self.line = line
        self.active = active
        self.done = done


def _ignore(arguments: list[str], line: int) -> None:
    """Follow a command that has no meaning here."""


def keyword_arguments(arguments: Sequence[str], keywords: frozenset[str]) -> dict[str, list[str]]:
    """Sort arguments under the keyword before them, as cmake_parse_arguments does; "" holds those before the first."""
    values: dict[str, list[str]] = {"": []}
    current = ""
    for argument in arguments:
        if argument in keywords:
            current = argument
            values.setdefault(current, [])
        else:
            values[current].append(argument)
    return values
