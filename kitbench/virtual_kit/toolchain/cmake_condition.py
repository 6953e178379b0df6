"""The conditions of CMake's `if()`: constants, variables, NOT, AND, OR, DEFINED and comparisons.

Source: cmake-commands(7), "if". Nothing that looks at files is known.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kitbench.virtual_kit.toolchain.cmake_syntax import Argument, ArgumentKind

_TRUE: Final = frozenset({"1", "ON", "YES", "TRUE", "Y"})
_FALSE: Final = frozenset({"", "0", "OFF", "NO", "FALSE", "N", "IGNORE", "NOTFOUND"})
_MAX_TERMS: Final = 200


class ConditionError(ValueError):
    """The condition uses what is not known here."""


def evaluate(arguments: Sequence[Argument], variables: Mapping[str, str]) -> bool:
    """Return whether the condition holds; arguments are already expanded.

    Raises:
        ConditionError: names the operator that is not known.
    """
    if len(arguments) > _MAX_TERMS:
        raise ConditionError(f"condition of more than {_MAX_TERMS} terms")
    parser = _Parser(list(arguments), variables)
    value = parser.disjunction()
    if parser.terms:
        raise ConditionError(f"unknown operator {parser.terms[0].text!r} in a condition")
    return value


class _Parser:
    """Recursive descent over the terms; OR binds weaker than AND, AND weaker than NOT."""

    def __init__(self, terms: list[Argument], variables: Mapping[str, str]) -> None:
        self.terms = terms
        self._variables = variables

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
        if self._take("DEFINED"):
            return self._next().text in self._variables
        return self._comparison(self._next())

    def _comparison(self, left: Argument) -> bool:
        for name, compare in _COMPARISONS.items():
            if self._take(name):
                return compare(self._value(left), self._value(self._next()))
        return self._truth(left)

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
        if term.text.lstrip("-").isdigit():
            return int(term.text) != 0
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


def _version(text: str) -> list[int]:
    return [int(part) if part.isdigit() else 0 for part in text.split(".")]


def _number(text: str) -> int:
    return int(text) if text.lstrip("-").isdigit() else 0


_COMPARISONS: Final[dict[str, Callable[[str, str], bool]]] = {
    "STREQUAL": lambda left, right: left == right,
    "EQUAL": lambda left, right: _number(left) == _number(right),
    "LESS": lambda left, right: _number(left) < _number(right),
    "GREATER": lambda left, right: _number(left) > _number(right),
    "VERSION_EQUAL": lambda left, right: _version(left) == _version(right),
    "VERSION_LESS": lambda left, right: _version(left) < _version(right),
    "VERSION_LESS_EQUAL": lambda left, right: _version(left) <= _version(right),
    "VERSION_GREATER": lambda left, right: _version(left) > _version(right),
    "VERSION_GREATER_EQUAL": lambda left, right: _version(left) >= _version(right),
    "IN_LIST": lambda left, right: left in right.split(";"),
}
