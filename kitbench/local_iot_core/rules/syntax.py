"""AWS IoT SQL: from the text of a statement to its tree. Pure.

Source: AWS IoT Core developer guide, "SQL reference" and its pages. What is not modelled is refused here, when a rule
is made, and not when its first message comes.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypeAlias

from kitbench.local_iot_core.rules.constant_argument import refusal
from kitbench.local_iot_core.rules.function_table import ARITY, NOT_MODELLED
from kitbench.local_iot_core.rules.value import is_number


class SqlError(ValueError):
    """A statement that CreateTopicRule refuses; the text says why."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A constant."""

    value: Any


@dataclass(frozen=True, slots=True)
class Name:
    """A key of the payload, or of what a subquery goes through."""

    name: str


@dataclass(frozen=True, slots=True)
class Everything:
    """``*``: the whole payload."""


@dataclass(frozen=True, slots=True)
class Member:
    """``of.name``."""

    of: "Expression"
    name: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `kind` is what follows AS in a cast."""

    function: str
    arguments: tuple["Expression", ...]
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """An operator with one or two operands, its name in capitals."""

    operator: str
    operands: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Case:
    """``CASE value WHEN test THEN result … ELSE otherwise END``."""

    value: "Expression"
    branches: tuple[tuple["Expression", "Expression"], ...]
    otherwise: "Expression | None"


@dataclass(frozen=True, slots=True)
class ListOf:
    """An array literal."""

    items: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class ObjectOf:
    """An object literal."""

    items: tuple[tuple[str, "Expression"], ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a SELECT clause; `path` is where it goes, such as ``("a", "b")`` for AS a.b."""

    expression: "Expression"
    path: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """A statement, or a subquery.

    Attributes:
        is_value: SELECT VALUE: the one item is the answer itself.
        source: a topic filter, or of a subquery the expression that it goes through.
    """

    items: tuple[Item, ...]
    source: "str | Expression"
    where: "Expression | None" = None
    is_value: bool = False


Expression: TypeAlias = Literal | Name | Everything | Member | Call | Operation | Case | ListOf | ObjectOf | Query

#: Characters of a statement, and depth of its expressions.
_LONGEST: Final = 8192
_DEEPEST: Final = 20
_MOST_OPERATORS: Final = 100
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)"
    r"|'(?P<single>(?:[^'\\]|\\.)*)'|\"(?P<double>(?:[^\"\\]|\\.)*)\"|(?P<sign><>|<=|>=|!=|[-+*/%=<>(){}\[\],.:]))"
)
_RESERVED: Final = frozenset(
    [
        "SELECT",
        "VALUE",
        "FROM",
        "WHERE",
        "AS",
        "AND",
        "OR",
        "NOT",
        "IN",
        "CASE",
        "WHEN",
        "THEN",
        "ELSE",
        "END",
        "TRUE",
        "FALSE",
        "NULL",
    ]
)
#: Binary operators from the loosest to the tightest.
_LEVELS: Final = (("OR",), ("AND",), ("=", "<>", "!=", "<", "<=", ">", ">=", "IN"), ("+", "-"), ("*", "/", "%"))
_CASTS: Final = frozenset(
    ["string", "nvarchar", "text", "ntext", "varchar", "int", "integer", "double", "decimal", "bool", "boolean"]
)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str

    @property
    def word(self) -> str:
        return self.text.upper() if self.kind == "name" else self.text if self.kind == "sign" else ""


def parse_statement(sql: str) -> Query:
    """Return the tree of a rule's statement.

    Raises:
        SqlError: AWS would refuse it, or it asks for what is not modelled.
    """
    if len(sql) > _LONGEST:
        raise SqlError(f"SQL has {len(sql)} characters, at most {_LONGEST}")
    if re.match(r"\s*SET\b", sql, re.IGNORECASE):
        raise SqlError("SET and its variables are not modelled by the local IoT core")
    try:
        parser = _Parser(_tokens(sql))
        query = parser.query(is_outer=True)
        parser.expect_end()
    except RecursionError as error:
        raise SqlError("SQL is nested too deeply") from error
    return query


def parse_expression(text: str) -> Expression:
    """Return the tree of an expression, as it stands in a substitution template.

    Raises:
        SqlError: it is none.
    """
    try:
        parser = _Parser(_tokens(text[:_LONGEST]))
        expression = parser.expression()
        parser.expect_end()
    except RecursionError as error:
        raise SqlError("expression is nested too deeply") from error
    return expression


def _tokens(sql: str) -> list[_Token]:
    tokens, at, text = [], 0, sql.rstrip().rstrip(";").rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None or match.lastgroup is None:
            raise SqlError(f"SQL is not understood at {text[at : at + 20]!r}")
        kind = match.lastgroup
        raw = match[kind]
        tokens.append(
            _Token("text", re.sub(r"\\(.)", r"\1", raw)) if kind in {"single", "double"} else _Token(kind, raw)
        )
        at = match.end()
    return tokens


class _Parser:
    """Recursive descent, a method for each rule of the grammar."""

    def __init__(self, tokens: Sequence[_Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._operators = 0

    def query(self, *, is_outer: bool) -> Query:
        self._expect("SELECT")
        is_value = self._takes("VALUE")
        items = [self._item()]
        while self._takes(","):
            items.append(self._item())
        if is_value and len(items) > 1:
            raise SqlError("SELECT VALUE takes one expression")
        source: str | Expression = ""
        if self._takes("FROM"):
            source = self._topic_filter() if is_outer else self._postfix()
        elif not is_outer:
            raise SqlError("a nested SELECT lacks FROM")
        where = self.expression() if self._takes("WHERE") else None
        return Query(tuple(items), source, where, is_value)

    def _topic_filter(self) -> str:
        token = self._next("a topic filter in single quotes")
        if token.kind != "text":
            raise SqlError("FROM takes a topic filter in single quotes")
        return token.text

    def _item(self) -> Item:
        expression = self.expression()
        if not self._takes("AS"):
            return Item(expression)
        path = [self._any_name()]
        while self._takes("."):
            path.append(self._any_name())
        return Item(expression, tuple(path))

    def _any_name(self) -> str:
        token = self._next("a name")
        if token.kind not in {"name", "text"}:
            raise SqlError(f"a name is expected, not {token.text[:20]!r}")
        return token.text

    def expression(self, level: int = 0) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST * (len(_LEVELS) + 1):
            raise SqlError("SQL is nested too deeply")
        left = self._binary(level) if level < len(_LEVELS) else self._unary()
        self._depth -= 1
        return left

    def _binary(self, level: int) -> Expression:
        operand = self._negation if _LEVELS[level] == ("AND",) else self._operand
        left = operand(level)
        while self._peek() in _LEVELS[level]:
            operator = self._next("an operator").word
            self._operators += 1
            if self._operators > _MOST_OPERATORS:
                raise SqlError(f"SQL has more than {_MOST_OPERATORS} operators")
            right = operand(level)
            left = Operation("<>" if operator == "!=" else operator, (left, right))
        return left

    def _operand(self, level: int) -> Expression:
        return self.expression(level + 1)

    def _negation(self, level: int) -> Expression:
        return Operation("NOT", (self._negation(level),)) if self._takes("NOT") else self.expression(level + 1)

    def _unary(self) -> Expression:
        if self._takes("-"):
            operand = self._unary()
            if isinstance(operand, Literal) and is_number(operand.value):
                return Literal(-operand.value)
            return Operation("-", (Literal(0), operand))
        return self._postfix()

    def _postfix(self) -> Expression:
        expression = self._primary()
        while True:
            if self._takes("."):
                expression = Member(expression, self._any_name())
            elif self._takes("["):
                index = self.expression()
                self._expect("]")
                expression = Call("get", (expression, index))
            else:
                return expression

    def _primary(self) -> Expression:
        token = self._next("an expression")
        if token.kind == "number":
            return Literal(int(token.text) if token.text.isdecimal() else Decimal(token.text))
        if token.kind == "text":
            return Literal(token.text)
        if token.kind == "sign":
            return self._bracketed(token.text)
        return self._worded(token)

    def _bracketed(self, sign: str) -> Expression:
        if sign == "*":
            return Everything()
        if sign == "(":
            inner = self.query(is_outer=False) if self._peek() == "SELECT" else self.expression()
            self._expect(")")
            return inner
        if sign == "[":
            return ListOf(self._arguments("]"))
        if sign == "{":
            return self._object()
        raise SqlError(f"an expression is expected, not {sign!r}")

    def _object(self) -> ObjectOf:
        items: list[tuple[str, Expression]] = []
        while not self._takes("}"):
            if items:
                self._expect(",")
            key = self._any_name()
            self._expect(":")
            items.append((key, self.expression()))
        return ObjectOf(tuple(items))

    def _worded(self, token: _Token) -> Expression:
        if token.word in {"TRUE", "FALSE", "NULL"}:
            return Literal({"TRUE": True, "FALSE": False, "NULL": None}[token.word])
        if token.word == "CASE":
            return self._case()
        if self._takes("("):
            return self._call(token.text.lower())
        if token.word in _RESERVED:
            raise SqlError(f"an expression is expected, not {token.text}")
        return Name(token.text)

    def _case(self) -> Case:
        value, branches = self.expression(), []
        while self._takes("WHEN"):
            test = self.expression()
            self._expect("THEN")
            branches.append((test, self.expression()))
        if not branches:
            raise SqlError("CASE lacks WHEN")
        otherwise = self.expression() if self._takes("ELSE") else None
        self._expect("END")
        return Case(value, tuple(branches), otherwise)

    def _call(self, name: str) -> Call:
        if name == "cast":
            return self._cast()
        if name in NOT_MODELLED:
            raise SqlError(f"function {name}() is not modelled by the local IoT core")
        if name not in ARITY:
            raise SqlError(f"there is no function {name}()")
        arguments = self._arguments(")")
        least, most = ARITY[name]
        if not least <= len(arguments) <= most:
            raise SqlError(f"function {name}() takes {least} to {most} arguments, not {len(arguments)}")
        for place, argument in enumerate(arguments):
            if isinstance(argument, Literal) and (why := refusal(name, place, argument.value)):
                raise SqlError(why)
        return Call(name, arguments)

    def _cast(self) -> Call:
        value = self.expression()
        self._expect("AS")
        kind = self._any_name().lower()
        if kind not in _CASTS:
            raise SqlError(f"cast() knows no type {kind!r}")
        self._expect(")")
        return Call("cast", (value,), kind)

    def _arguments(self, end: str) -> tuple[Expression, ...]:
        items: list[Expression] = []
        while not self._takes(end):
            if items:
                self._expect(",")
            items.append(self.expression())
        return tuple(items)

    def _peek(self) -> str:
        return self._tokens[self._at].word if self._at < len(self._tokens) else ""

    def _takes(self, word: str) -> bool:
        if self._peek() != word:
            return False
        self._at += 1
        return True

    def _expect(self, word: str) -> None:
        if not self._takes(word):
            found = self._tokens[self._at].text[:20] if self._at < len(self._tokens) else "the end"
            raise SqlError(f"{word} is expected, not {found!r}")

    def _next(self, what: str) -> _Token:
        if self._at >= len(self._tokens):
            raise SqlError(f"{what} is expected at the end")
        self._at += 1
        return self._tokens[self._at - 1]

    def expect_end(self) -> None:
        if self._at < len(self._tokens):
            raise SqlError(f"SQL goes on after its end: {self._tokens[self._at].text[:20]!r}")
