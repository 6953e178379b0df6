"""What a rule's statement selects from a message. Pure.

Sources: AWS IoT Core developer guide, "SELECT clause", "WHERE clause", "Operators", "Case statements", "Nested object
queries".
"""

import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, DecimalException
from functools import cached_property
from typing import Final

from kitbench.local_iot_core.policies.registry import ACCOUNT
from kitbench.local_iot_core.rules.function import FUNCTIONS, cast, get, remainder
from kitbench.local_iot_core.rules.syntax import (
    Call,
    Case,
    Everything,
    Expression,
    Item,
    ListOf,
    Literal,
    Member,
    Name,
    ObjectOf,
    Operation,
    Query,
)
from kitbench.local_iot_core.rules.value import (
    UNDEFINED,
    Value,
    from_json,
    is_number,
    to_boolean,
    to_decimal,
    to_string,
)

#: The first version of AWS's SQL, and the default.
OLDEST_VERSION: Final = "2015-10-08"


@dataclass(frozen=True)
class Occasion:
    """A message as a rule sees it.

    Attributes:
        payload: as it came.
        client_id: of who published it over MQTT; "" otherwise.
        principal: certificate id or access key id of who published it.
        version: of the SQL.
        moment_ms: milliseconds since 1970.
        hops: how often rules have republished it.
    """

    topic: str
    payload: bytes
    client_id: str = ""
    principal: str = ""
    source_ip: str = ""
    version: str = OLDEST_VERSION
    moment_ms: int = field(default_factory=lambda: time.time_ns() // 1_000_000)
    trace_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    user_properties: tuple[tuple[str, str], ...] = ()
    mqtt_properties: Mapping[str, str] = field(default_factory=dict)
    hops: int = 0

    @cached_property
    def value(self) -> Value:
        """The payload's value; Undefined where it is not JSON."""
        try:
            return from_json(self.payload, whole_is_int=self.version != OLDEST_VERSION)
        except (ValueError, RecursionError):
            return UNDEFINED


def select(query: Query, occasion: Occasion) -> Value:
    """Return what a statement selects; Undefined where its WHERE clause is not true."""
    scope = _Scope(occasion, occasion.value)
    if query.where is not None and to_boolean(scope.evaluate(query.where)) is not True:
        return UNDEFINED
    return scope.selected(query)


def evaluate(expression: Expression, occasion: Occasion) -> Value:
    """Return the value of an expression, as in a substitution template."""
    return _Scope(occasion, occasion.value).evaluate(expression)


class _Scope:
    """Names mean keys of `value`: the payload, or one item of what a subquery goes through."""

    def __init__(self, occasion: Occasion, value: Value) -> None:
        self._occasion = occasion
        self._value = value
        self._known: dict[str, Callable[..., Value]] = {
            "accountid": lambda: ACCOUNT,
            "clientid": lambda: occasion.client_id or "n/a",
            "get_mqtt_property": lambda name: occasion.mqtt_properties.get(str(name), UNDEFINED),
            "get_user_properties": lambda key: [value for name, value in occasion.user_properties if name == key],
            "principal": lambda: occasion.principal or UNDEFINED,
            "sourceip": lambda: occasion.source_ip or UNDEFINED,
            "sql_version": lambda: occasion.version,
            "timestamp": lambda: occasion.moment_ms,
            "topic": self._topic,
            "traceid": lambda: occasion.trace_id,
        }

    def _topic(self, level: Value = None) -> Value:
        if level is None:
            return self._occasion.topic
        return get(["", *self._occasion.topic.split("/")], level) if level != 0 else UNDEFINED

    def selected(self, query: Query) -> Value:
        if query.is_value:
            return self.evaluate(query.items[0].expression)
        if len(query.items) == 1 and isinstance(query.items[0].expression, Everything) and not query.items[0].path:
            return self._everything()
        result: dict[str, Value] = {}
        for number, item in enumerate(query.items):
            self._put(result, item, number)
        return result

    def _everything(self) -> Value:
        return self._occasion.payload if self._value is UNDEFINED else self._value

    def _put(self, result: dict[str, Value], item: Item, number: int) -> None:
        if isinstance(item.expression, Everything) and not item.path:
            result |= self._value if isinstance(self._value, dict) else {}
            return
        value = self.evaluate(item.expression)
        if value is UNDEFINED:
            return
        *above, last = item.path or (_usual_name(item.expression, number),)
        place = result
        for name in above:
            if not isinstance(place.get(name), dict):
                place[name] = {}  # a later item's path wins over an earlier one's value
            place = place[name]
        place[last] = value

    def evaluate(self, expression: Expression) -> Value:
        match expression:
            case Literal(value):
                return value
            case Name(name):
                return get(self._value, name) if isinstance(self._value, dict) else UNDEFINED
            case Everything():
                return self._everything()
            case Member(of, name):
                return _member(self.evaluate(of), name)
            case Operation(operator, operands):
                return _OPERATORS[operator](*(self.evaluate(operand) for operand in operands))
            case _:
                return self._composed(expression)

    def _composed(self, expression: Expression) -> Value:
        match expression:
            case Call():
                return self._call(expression)
            case ListOf(items):
                return [self.evaluate(item) for item in items]
            case ObjectOf(pairs):
                return {key: self.evaluate(item) for key, item in pairs}
            case Case():
                return self._case(expression)
            case Query():
                return self._subquery(expression)
        raise AssertionError(expression)

    def _call(self, call: Call) -> Value:
        arguments = [self.evaluate(argument) for argument in call.arguments]
        if call.function == "cast":
            return cast(arguments[0], call.kind)
        return (self._known.get(call.function) or FUNCTIONS[call.function])(*arguments)

    def _case(self, case: Case) -> Value:
        value = self.evaluate(case.value)
        if value is UNDEFINED:
            return UNDEFINED
        for test, result in case.branches:
            if _equal(value, self.evaluate(test)) is True:
                return self.evaluate(result)
        return UNDEFINED if case.otherwise is None else self.evaluate(case.otherwise)

    def _subquery(self, query: Query) -> Value:
        source = query.source
        found = UNDEFINED if isinstance(source, str) else self.evaluate(source)
        items = found if isinstance(found, list) else [found] if isinstance(found, dict) else []
        scopes = [_Scope(self._occasion, item) for item in items]
        wanted = [one for one in scopes if query.where is None or to_boolean(one.evaluate(query.where)) is True]
        return [one.selected(query) for one in wanted]


def _usual_name(expression: Expression, number: int) -> str:
    """Return the key of an item without AS: its last name, or that of its function."""
    match expression:
        case Name(name) | Member(_, name):
            return name
        case Call(function, _, _):
            return function
        case _:
            return f"_{number}"


def _member(value: Value, name: str) -> Value:
    return get(value, name) if isinstance(value, dict) else UNDEFINED


def _both(function: Callable[[Value, Value], Value]) -> Callable[[Value, Value], Value]:
    def call(left: Value, right: Value) -> Value:
        a, b = to_decimal(left), to_decimal(right)
        if UNDEFINED in (a, b):
            return UNDEFINED
        try:
            return function(a, b)
        except (ArithmeticError, DecimalException):
            return UNDEFINED

    return call


def _sum(left: Value, right: Value) -> Value:
    if isinstance(left, str) or isinstance(right, str):
        texts = to_string(left), to_string(right)
        return UNDEFINED if UNDEFINED in texts else texts[0] + texts[1]
    return left + right if is_number(left) and is_number(right) else UNDEFINED


def _quotient(left: Value, right: Value) -> Value:
    if right == 0:
        return UNDEFINED
    if isinstance(left, int) and isinstance(right, int):
        return int(Decimal(left) / Decimal(right))  # towards zero, as between integers
    return Decimal(left) / Decimal(right)


def _equal(left: Value, right: Value) -> Value:
    if left is UNDEFINED or right is UNDEFINED:
        return UNDEFINED
    if is_number(left) and is_number(right):
        return left == right
    return type(left) is type(right) and left == right


def _not(value: Value) -> Value:
    truth = to_boolean(value)
    return UNDEFINED if truth is UNDEFINED else not truth


def _logical(function: Callable[[bool, bool], bool]) -> Callable[[Value, Value], Value]:
    def call(left: Value, right: Value) -> Value:
        a, b = to_boolean(left), to_boolean(right)
        return UNDEFINED if UNDEFINED in (a, b) else function(a, b)

    return call


def _contained(value: Value, items: Value) -> Value:
    if value is UNDEFINED or not isinstance(items, list):
        return UNDEFINED
    return any(_equal(value, item) is True for item in items)


_OPERATORS: Final[Mapping[str, Callable[..., Value]]] = {
    "AND": _logical(lambda a, b: a and b),
    "OR": _logical(lambda a, b: a or b),
    "NOT": _not,
    "IN": _contained,
    "=": _equal,
    "<>": lambda left, right: _not(_equal(left, right)),
    "<": _both(lambda a, b: a < b),
    "<=": _both(lambda a, b: a <= b),
    ">": _both(lambda a, b: a > b),
    ">=": _both(lambda a, b: a >= b),
    "+": _sum,
    "-": _both(lambda a, b: a - b),
    "*": _both(lambda a, b: a * b),
    "/": _both(_quotient),
    "%": _both(remainder),
}
