"""CMake's `string()` and `math()`: each takes expanded arguments, and returns the variables that it sets.

Source: cmake-commands(7), "string", "math".
"""

import ast
import hashlib
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from kitbench.virtual_kit.toolchain.cmake.pattern import NotFollowedError, compile_pattern

_BACK_REFERENCE: Final = re.compile(r"\\(\d)")


def run(arguments: Sequence[str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return what a `string()` command sets.

    Raises:
        ValueError: an operation that is not followed, or with wrong arguments.
    """
    operation, *rest = arguments or [""]
    if operation not in _OPERATIONS:
        raise NotFollowedError(f"CMake's string({operation})")
    try:
        return _OPERATIONS[operation](rest, variables)
    except IndexError:
        raise ValueError(f"string({operation}) with too few arguments") from None


def _regex(arguments: Sequence[str], _: Mapping[str, str]) -> dict[str, str]:
    kind, pattern, *rest = arguments
    replacement = rest.pop(0) if kind == "REPLACE" else ""
    name, text = rest[0], "".join(rest[1:])
    compiled = compile_pattern(pattern, text)
    if kind == "REPLACE":
        return {name: compiled.sub(lambda match: _refer(replacement, match), text)}
    if kind == "MATCHALL":
        return {name: ";".join(match[0] for match in compiled.finditer(text))}
    if kind != "MATCH":
        raise NotFollowedError(f"CMake's string(REGEX {kind})")
    if not (match := compiled.search(text)):
        return {name: ""}
    groups = {f"CMAKE_MATCH_{number}": group or "" for number, group in enumerate((match[0], *match.groups()))}
    return {name: match[0], **groups}


def _refer(replacement: str, match: re.Match[str]) -> str:
    def group(found: re.Match[str]) -> str:
        number = int(found[1])
        return (match[number] or "") if number <= (match.re.groups) else ""

    return _BACK_REFERENCE.sub(group, replacement)


def _replace(rest: Sequence[str], _: Mapping[str, str]) -> dict[str, str]:
    text = "".join(rest[3:])
    return {rest[2]: text.replace(rest[0], rest[1]) if rest[0] else text}


def _substring(rest: Sequence[str], _: Mapping[str, str]) -> dict[str, str]:
    text, begin, length = rest[0], int(rest[1]), int(rest[2])
    return {rest[3]: text[begin:] if length < 0 else text[begin : begin + length]}


def _find(rest: Sequence[str], _: Mapping[str, str]) -> dict[str, str]:
    search = rest[0].rfind if "REVERSE" in rest[3:] else rest[0].find
    return {rest[2]: str(search(rest[1]))}


def _compare(rest: Sequence[str], _: Mapping[str, str]) -> dict[str, str]:
    compare = {"EQUAL": operator.eq, "NOTEQUAL": operator.ne, "LESS": operator.lt, "GREATER": operator.gt}.get(rest[0])
    if compare is None:
        raise NotFollowedError(f"CMake's string(COMPARE {rest[0]})")
    return {rest[3]: "1" if compare(rest[1], rest[2]) else "0"}


def _identifier(text: str) -> str:
    return re.sub(r"^(?=\d)", "_", re.sub(r"\W", "_", text, flags=re.ASCII))


_Operation = Callable[[Sequence[str], Mapping[str, str]], dict[str, str]]
_OPERATIONS: Final[Mapping[str, _Operation]] = {
    "REGEX": _regex,
    "APPEND": lambda rest, variables: {rest[0]: variables.get(rest[0], "") + "".join(rest[1:])},
    "PREPEND": lambda rest, variables: {rest[0]: "".join(rest[1:]) + variables.get(rest[0], "")},
    "CONCAT": lambda rest, _: {rest[0]: "".join(rest[1:])},
    "JOIN": lambda rest, _: {rest[1]: rest[0].join(rest[2:])},
    "REPLACE": _replace,
    "TOLOWER": lambda rest, _: {rest[1]: rest[0].lower()},
    "TOUPPER": lambda rest, _: {rest[1]: rest[0].upper()},
    "STRIP": lambda rest, _: {rest[1]: rest[0].strip()},
    "LENGTH": lambda rest, _: {rest[1]: str(len(rest[0].encode()))},
    "SUBSTRING": _substring,
    "MAKE_C_IDENTIFIER": lambda rest, _: {rest[1]: _identifier(rest[0])},
    "FIND": _find,
    "COMPARE": _compare,
    "MD5": lambda rest, _: {rest[0]: hashlib.md5(rest[1].encode(), usedforsecurity=False).hexdigest()},
    "SHA256": lambda rest, _: {rest[0]: hashlib.sha256(rest[1].encode()).hexdigest()},
}


def math(arguments: Sequence[str], variables: Mapping[str, str]) -> dict[str, str]:  # noqa: ARG001 - as all commands
    """Return what `math(EXPR name "expression")` sets.

    Raises:
        ValueError: the expression has more than numbers, + - * / % << >> & | ^ ~ and brackets.
    """
    if len(arguments) < 3 or arguments[0] != "EXPR":
        raise ValueError("expected math(EXPR name expression)")
    text = arguments[2]
    if len(text) > 200 or re.search(r"\d{18}", text) or "**" in text:
        raise ValueError(f"expression {text[:60]!r} is too long")
    try:
        value = _number(ast.parse(text.strip().replace("/", "//"), mode="eval").body)
    except (SyntaxError, ArithmeticError, RecursionError) as error:
        raise ValueError(f"{text[:60]!r} cannot be calculated") from error
    return {arguments[1]: hex(value) if "HEXADECIMAL" in arguments[3:] else str(value)}


def _quotient(left: int, right: int) -> int:
    """Divide as C does: towards zero."""
    return abs(left) // abs(right) * (1 if (left < 0) is (right < 0) else -1)


_BINARY: Final[Mapping[type[ast.operator], Callable[[int, int], int]]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.FloorDiv: _quotient,
    ast.Mod: lambda left, right: left - right * _quotient(left, right),
    ast.LShift: lambda left, right: left << (right & 63),
    ast.RShift: lambda left, right: left >> (right & 63),
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}


def _number(node: ast.expr) -> int:
    """Return the value, cut to 64 bits with a sign, as CMake counts."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int):
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd | ast.Invert):
        value = _number(node.operand)
        return {ast.USub: -value, ast.UAdd: value, ast.Invert: ~value}[type(node.op)]
    if isinstance(node, ast.BinOp) and (apply := _BINARY.get(type(node.op))):
        value = apply(_number(node.left), _number(node.right)) & (2**64 - 1)
        return value - 2**64 if value >= 2**63 else value
    raise ValueError("the expression has more than numbers and operators")
