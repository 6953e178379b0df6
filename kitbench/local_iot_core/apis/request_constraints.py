"""Lengths, patterns and enumerations of API parameters, as AWS's own service model states them. Pure.

botocore checks types and minimum lengths before it sends; the rest only the service knows to refuse.
"""

import re
from functools import lru_cache
from typing import Any, Final

from botocore.model import ListShape, MapShape, Shape, StructureShape

#: Values are shown this long in error messages.
_SHOWN: Final = 80


def violation(shape: Shape, value: Any, where: str) -> str | None:
    """Return what is wrong with a parameter in AWS's words, or None.

    Args:
        shape: of the parameter in the service model.
        value: as parsed from the request; None is a parameter that was not given.
        where: the parameter's name for the message.
    """
    if value is None:
        return None
    if isinstance(shape, StructureShape):
        return _first(
            violation(member, value.get(name), f"{where}.{name}") if isinstance(value, dict) else None
            for name, member in shape.members.items()
        )
    if isinstance(shape, MapShape) and isinstance(value, dict):
        return _first(
            violation(shape.key, key, f"{where}.key") or violation(shape.value, item, f"{where}.{key}")
            for key, item in value.items()
        )
    if isinstance(shape, ListShape) and isinstance(value, list):
        return _first(violation(shape.member, item, where) for item in value)
    problem = _scalar_problem(shape, value)
    if problem is None:
        return None
    shown = str(value)[:_SHOWN]
    return f"1 validation error detected: Value '{shown}' at '{where}' failed to satisfy constraint: {problem}"


def _first(problems: Any) -> str | None:
    return next((problem for problem in problems if problem is not None), None)


def _scalar_problem(shape: Shape, value: Any) -> str | None:
    metadata = shape.metadata
    if shape.type_name in {"integer", "long"}:
        return _range_problem(metadata, value)
    if not isinstance(value, str) or shape.type_name != "string":
        return None
    enumeration = metadata.get("enum")
    if enumeration and value not in enumeration:
        return f"Member must satisfy enum value set: [{', '.join(enumeration)}]"
    if not metadata.get("min", 0) <= len(value) <= metadata.get("max", len(value)):
        least, most = metadata.get("min", 0), metadata.get("max", "any")
        return f"Member must have length less than or equal to {most} and greater than or equal to {least}"
    pattern = _compile(metadata.get("pattern"))
    if pattern is not None and not pattern.fullmatch(value):
        return f"Member must satisfy regular expression pattern: {metadata['pattern']}"
    return None


def _range_problem(metadata: dict[str, Any], value: Any) -> str | None:
    try:
        number = int(value)
    except (TypeError, ValueError):
        return "Member must be a number"
    if number > metadata.get("max", number):
        return f"Member must have value less than or equal to {metadata['max']}"
    if number < metadata.get("min", number):
        return f"Member must have value greater than or equal to {metadata['min']}"
    return None


@lru_cache(maxsize=512)
def _compile(pattern: str | None) -> re.Pattern[str] | None:
    """Return a pattern of the model; None for one in a dialect that Python does not read, with Unicode classes."""
    if pattern is None:
        return None
    try:
        return re.compile(pattern, re.ASCII)
    except re.error:
        return None
