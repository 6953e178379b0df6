"""Values across the border to a process that read a stranger's files: plain JSON out, checked against types coming in.

The schema is the types: dataclasses, str, int, float, bool, None, paths, enumerations, and unions, tuples and mappings
of these.
"""

import dataclasses
import enum
import types
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

#: Of one text, and of one list: nothing that a submission says, and no audit of a flash, is longer.
LONGEST_TEXT: Final = 64 << 10
_MOST_ITEMS: Final = 64 << 10


def to_json(value: Any, root: Path) -> Any:
    """Return a value as JSON has it; paths relative to `root`."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {item.name: to_json(getattr(value, item.name), root) for item in dataclasses.fields(value)}
    if isinstance(value, Path):
        return value.relative_to(root).as_posix()
    if isinstance(value, Mapping):
        return {to_json(key, root): to_json(item, root) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [to_json(item, root) for item in value]
    return value


def from_json(kind: Any, value: Any, root: Path) -> Any:
    """Return the value of a type that JSON stands for.

    Raises:
        ValueError: it is of another type, too long, or a path that leads out of `root` or through a link.
    """
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), value, root)
    if origin is tuple:
        of_item, items = get_args(kind)[0], _checked(value, list)
        return _texts(items) if of_item is str else tuple(from_json(of_item, item, root) for item in items)
    if origin in (Mapping, dict):
        of_key, of_item = get_args(kind)
        items = _checked(value, dict).items()
        return {from_json(of_key, key, root): from_json(of_item, item, root) for key, item in items}
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, _checked(value, dict), root)
    return _plain(kind, value, root)


def _texts(items: list[Any]) -> tuple[str, ...]:
    """Return checked texts, looked at as a whole: the long lists, a flash's digests by sector, are of texts."""
    if all(type(item) is str for item in items) and max(map(len, items), default=0) <= LONGEST_TEXT:
        return tuple(items)
    return tuple(_checked(item, str) for item in items)


def _plain(kind: Any, value: Any, root: Path) -> Any:
    if kind is Any:
        return value
    if kind is Path:
        return _path(_checked(value, str), root)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(_checked(value, str))
    return _checked(value, kind)


def _one_of(kinds: tuple[Any, ...], value: Any, root: Path) -> Any:
    for kind in kinds:
        try:
            return from_json(kind, value, root)
        except ValueError:
            continue
    raise ValueError("of none of its types")


def _dataclass(kind: type, value: dict[str, Any], root: Path) -> Any:
    hints = get_type_hints(kind)
    optional = {one.name for one in dataclasses.fields(kind) if _has_default(one)}
    # What was kept by an older version lacks what came later.
    if not set(hints) - optional <= set(value) <= set(hints):
        raise ValueError(f"{kind.__name__} has other fields")
    return kind(**{name: from_json(hints[name], item, root) for name, item in value.items()})


def _has_default(field: dataclasses.Field[Any]) -> bool:
    return field.default is not dataclasses.MISSING or field.default_factory is not dataclasses.MISSING


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _checked(value: Any, kind: type) -> Any:
    # True is an int to Python, not to us.
    if type(value) is not kind:
        raise ValueError(f"expected {kind.__name__}, found {type(value).__name__}")
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        raise ValueError("a text is too long")
    if isinstance(value, list | dict) and len(value) > _MOST_ITEMS:
        raise ValueError("too many items")
    return value


def _path(text: str, root: Path) -> Path:
    path = root / text
    if not path.is_relative_to(root) or ".." in Path(text).parts or path.resolve() != root.resolve() / text:
        raise ValueError("a path leads out of the submission")
    return path
