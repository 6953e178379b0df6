"""The conditions of CMake's `if()`: constants, variables, NOT, AND, OR, DEFINED, EXISTS and comparisons.

Source: cmake-commands(7), "if".
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import Final, Protocol

from kitbench.virtual_kit.toolchain.cmake.pattern import NotFollowedError, PatternError, compile_pattern
from kitbench.virtual_kit.toolchain.cmake.syntax import Argument, ArgumentKind

_TRUE: Final = frozenset({"1", "ON", "YES", "TRUE", "Y"})
_FALSE: Final = frozenset({"", "0", "OFF", "NO", "FALSE", "N", "IGNORE", "NOTFOUND"})
_NOT_FOLLOWED: Final = frozenset({"IS_NEWER_THAN", "PATH_EQUAL", "TEST", "STRLESS_EQUAL", "STRGREATER_EQUAL"})
_MAX_TERMS: Final = 200


class ConditionError(ValueError):
    """The condition uses what is not known here."""


class Facts(Protocol):
    """What a condition may ask of the build beside its variables."""

    def exists(self, path: str) -> bool:
        """Whether a file or folder of the project exists."""

    def is_folder(self, path: str) -> bool:
        """Whether it is a folder."""

    def is_command(self, name: str) -> bool:
        """Whether a command of this name is known."""

    def is_target(self, name: str) -> bool:
        """Whether a target of this name is known."""


class NoFacts:
    """Facts of a build without files, commands and targets."""

    def exists(self, path: str) -> bool:
        """Return False: nothing is known by that name."""
        return bool(path) and False

    is_folder = is_command = is_target = exists


def evaluate(arguments: Sequence[Argument], variables: Mapping[str, str], facts: Facts | None = None) -> bool:
    """Return whether the condition holds; arguments are already expanded.

    Raises:
        ConditionError: it is no condition.
        NotFollowedError: names the operator that is not known here.
    """
    if len(arguments) > _MAX_TERMS:
        raise ConditionError(f"condition of more than {_MAX_TERMS} terms")
    parser = _Parser(list(arguments), variables, facts or NoFacts())
    value = parser.disjunction()
    if parser.terms and parser.terms[0].text in _NOT_FOLLOWED:
        raise NotFollowedError(f"CMake's if({parser.terms[0].text})")
    if parser.terms:
        raise ConditionError(f"unknown operator {parser.terms[0].text!r} in a condition")
    return value


class _Parser:
    """Recursive descent over the terms; OR binds weaker than AND, AND weaker than NOT."""

    def __init__(self, terms: list[Argument], variables: Mapping[str, str], facts: Facts) -> None:
        self.terms = terms
        self._variables = variables
        self._tests: dict[str, Callable[[str], bool]] = {
            "DEFINED": self._is_defined,
            "EXISTS": facts.exists,
            "IS_DIRECTORY": facts.is_folder,
            "IS_ABSOLUTE": lambda text: PurePosixPath(text).is_absolute(),
            "COMMAND": facts.is_command,
            "TARGET": facts.is_target,
            "POLICY": lambda text: text.startswith("CMP"),
            "IS_SYMLINK": lambda _: False,
        }

    def disjunction(self) -> bool:
        value = self._conjunction()
        while self._take("OR"):
            other = self._conjunction()
            value = value or other
        return value

    def _conjunction(self) -> bool:
        value = self._negation()
        while self._take("AND"):
            other = self._negation()
            value = value and other
        return value

    def _negation(self) -> bool:
        return not self._negation() if self._take("NOT") else self._term()

    def _term(self) -> bool:
        if self._take("("):
            value = self.disjunction()
            if not self._take(")"):
                raise ConditionError("no ')' in a condition")
            return value
        for name, test in self._tests.items():
            if len(self.terms) > 1 and self._take(name):
                return test(self._next().text)
        return self._comparison(self._next())

    def _comparison(self, left: Argument) -> bool:
        if self._take("IN_LIST"):
            return self._value(left) in self._variables.get(self._next().text, "").split(";")
        if self._take("MATCHES"):
            return _matches(self._value(left), self._next().text)
        for name, compare in _COMPARISONS.items():
            if self._take(name):
                return compare(self._value(left), self._value(self._next()))
        return self._truth(left)

    def _is_defined(self, name: str) -> bool:
        return name == "ENV{IDF_PATH}" or name.removeprefix("CACHE{").removesuffix("}") in self._variables

    def _value(self, term: Argument) -> str:
        """An unquoted name of a variable stands for its value; anything else for itself."""
        quoted = term.kind is ArgumentKind.QUOTED
        return term.text if quoted else self._variables.get(term.text, term.text)

    def _truth(self, term: Argument) -> bool:
        upper = term.text.upper()
        if upper in _TRUE:
            return True
        if upper in _FALSE or upper.endswith("-NOTFOUND") or term.kind is ArgumentKind.QUOTED:
            return False
        if term.text.lstrip("-").isdecimal():
            return _number(term.text) != 0
        value = self._variables.get(term.text, "").upper()
        return value not in _FALSE and not value.endswith("-NOTFOUND")

    def _take(self, word: str) -> bool:
        found = bool(self.terms) and self.terms[0].text == word and self.terms[0].kind is ArgumentKind.UNQUOTED
        if found:
            self.terms.pop(0)
        return found

    def _next(self) -> Argument:
        if not self.terms:
            raise ConditionError("condition ends too early")
        return self.terms.pop(0)


def _matches(text: str, pattern: str) -> bool:
    try:
        return compile_pattern(pattern, text).search(text) is not None
    except PatternError as error:
        raise ConditionError(str(error)) from error


def _version(text: str) -> tuple[int, ...]:
    parts = [_number(part) for part in text.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def _number(text: str) -> int:
    return int(text[:18]) if text.lstrip("-").isdecimal() else 0


_COMPARISONS: Final[dict[str, Callable[[str, str], bool]]] = {
    "STREQUAL": lambda left, right: left == right,
    "STRLESS": lambda left, right: left < right,
    "STRGREATER": lambda left, right: left > right,
    "EQUAL": lambda left, right: _number(left) == _number(right),
    "LESS": lambda left, right: _number(left) < _number(right),
    "GREATER": lambda left, right: _number(left) > _number(right),
    "LESS_EQUAL": lambda left, right: _number(left) <= _number(right),
    "GREATER_EQUAL": lambda left, right: _number(left) >= _number(right),
    "VERSION_EQUAL": lambda left, right: _version(left) == _version(right),
    "VERSION_LESS": lambda left, right: _version(left) < _version(right),
    "VERSION_LESS_EQUAL": lambda left, right: _version(left) <= _version(right),
    "VERSION_GREATER": lambda left, right: _version(left) > _version(right),
    "VERSION_GREATER_EQUAL": lambda left, right: _version(left) >= _version(right),
}
