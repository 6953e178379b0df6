"""The functions of provisioning templates: Ref, Fn::Join, Fn::Select, Fn::Split, Fn::Sub, Fn::FindInMap. Pure.

Source: AWS IoT Core developer guide, "Provisioning templates", "Intrinsic functions for provisioning templates".
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")


class TemplateError(ValueError):
    """A provisioning template that AWS would refuse; the text says why, in one line."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What functions may refer to.

    Attributes:
        parameters: name → value, system parameters such as ``AWS::IoT::Certificate::Id`` among them.
        mappings: the template's `Mappings`.
    """

    parameters: Mapping[str, str]
    mappings: Mapping[str, Any]


def resolve(value: Any, scope: Scope) -> Any:
    """Return a value of a template with its functions carried out.

    Raises:
        TemplateError: a function is not known or cannot be carried out.
    """
    if isinstance(value, list):
        return [resolve(item, scope) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        [(name, argument)] = value.items()
        if name in _FUNCTIONS:
            return _FUNCTIONS[name](argument, scope)
        if name == "Ref" or name.startswith("Fn::"):
            raise TemplateError(f"function {name[:40]} is not one of {', '.join(sorted(_FUNCTIONS))}")
    return {key: resolve(item, scope) for key, item in value.items()}


def _ref(argument: Any, scope: Scope) -> str:
    if not isinstance(argument, str) or argument not in scope.parameters:
        raise TemplateError(f"Ref names {str(argument)[:40]!r}, which is no parameter with a value")
    return scope.parameters[argument]


def _join(argument: Any, scope: Scope) -> str:
    delimiter, parts = _arguments("Fn::Join", argument, 2)
    return _text(delimiter, scope).join(_texts("Fn::Join", parts, scope))


def _select(argument: Any, scope: Scope) -> str:
    index, items = _arguments("Fn::Select", argument, 2)
    found, at = _texts("Fn::Select", items, scope), _text(index, scope)
    if not at.isdecimal() or len(at) > 9 or int(at) >= len(found):
        raise TemplateError(f"Fn::Select has no item {at[:20]!r} of {len(found)}")
    return found[int(at)]


def _split(argument: Any, scope: Scope) -> list[str]:
    delimiter, text = _arguments("Fn::Split", argument, 2)
    at = _text(delimiter, scope)
    if not at:
        raise TemplateError("Fn::Split has an empty delimiter")
    return _text(text, scope).split(at)


def _sub(argument: Any, scope: Scope) -> str:
    text, own = _arguments("Fn::Sub", argument, 2) if isinstance(argument, list) else (argument, {})
    if not isinstance(text, str) or not isinstance(own, dict):
        raise TemplateError("Fn::Sub takes a text, or a list of a text and an object")
    known = {**scope.parameters, **{name: _text(value, scope) for name, value in own.items()}}
    if unknown := next((name for name in _VARIABLE.findall(text) if name not in known), None):
        raise TemplateError(f"Fn::Sub names {unknown[:40]!r}, which has no value")
    return _VARIABLE.sub(lambda match: known[match[1]], text)


def _find_in_map(argument: Any, scope: Scope) -> Any:
    found: Any = scope.mappings
    for key in _arguments("Fn::FindInMap", argument, 3):
        name = _text(key, scope)
        if not isinstance(found, Mapping) or name not in found:
            raise TemplateError(f"Fn::FindInMap finds no {name[:40]!r}")
        found = found[name]
    return found


def _arguments(name: str, argument: Any, count: int) -> list[Any]:
    if not isinstance(argument, list) or len(argument) != count:
        raise TemplateError(f"{name} takes a list of {count}")
    return argument


def _texts(name: str, value: Any, scope: Scope) -> list[str]:
    items = resolve(value, scope)
    if not isinstance(items, list):
        raise TemplateError(f"{name} takes a list")
    return [_text(item, scope) for item in items]


def _text(value: Any, scope: Scope) -> str:
    text = resolve(value, scope)
    if not isinstance(text, str | int) or isinstance(text, bool):
        raise TemplateError(f"{str(text)[:40]!r} stands where a text is due")
    return str(text)


_FUNCTIONS: Final[Mapping[str, Callable[[Any, Scope], Any]]] = {
    "Ref": _ref,
    "Fn::Join": _join,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::Sub": _sub,
    "Fn::FindInMap": _find_in_map,
}
