"""The names that a C header declares or includes: read without a preprocessor, so that every branch of `#if` counts.

No grammar of C is needed for that: brackets are folded into groups, and a declaration is what stands up to a semicolon
or a body. What is written in an unusual way is missed, and never guessed.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from kitbench.firmware.esp_idf_index.kind import Kind


class Name(NamedTuple):
    """A declared name."""

    kind: Kind
    text: str


_COMMENT: Final = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_LITERAL: Final = re.compile(r"\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)+'")
_DIRECTIVE: Final = re.compile(r"^[ \t]*#.*$", re.MULTILINE)
_INCLUDE: Final = re.compile(r"^[ \t]*#[ \t]*include(?:_next)?[ \t]*[<\"]([^>\"\n ]+)[>\"]", re.MULTILINE)
_DEFINE: Final = re.compile(r"^[ \t]*#[ \t]*define[ \t]+(\w+)", re.MULTILINE)
_EXTERN_C: Final = re.compile(r"extern\s+\"\"\s*\{")
_TOKEN: Final = re.compile(r"[A-Za-z_]\w*|[{}()\[\];,:*=]")
_CLOSING: Final = {"{": "}", "(": ")", "[": "]"}
_WORD: Final = re.compile(r"[A-Za-z_]\w*")
#: Words in front of a bracket that are no function's name.
_NOT_A_FUNCTION: Final = frozenset(("__attribute__", "__attribute", "_Static_assert", "static_assert", "sizeof", "asm"))
_SPECIFIERS: Final = frozenset(("const", "volatile", "struct", "union", "enum", "unsigned", "signed", "typedef"))

#: A token, or a group: its opening bracket and what is inside.
Item = "str | Group"


class Group(NamedTuple):
    """What stands between two brackets."""

    bracket: str
    items: "tuple[str | Group, ...]"


def names_in(text: str) -> Iterator[Name]:
    """Yield the names that a header declares; private ones, with two underscores in front, are left out."""
    text = _COMMENT.sub(" ", text).replace("\\\n", " ")
    found = [Name(Kind.INCLUDED, header) for header in includes_in(text)]
    found += [Name(Kind.MACRO, match[1]) for match in _DEFINE.finditer(text) if not match[1].endswith("_H_")]
    plain = _EXTERN_C.sub(" ", _LITERAL.sub('""', _DIRECTIVE.sub("", text)))
    items = _fold(iter(_TOKEN.findall(plain)), "")
    for declaration in _declarations(items):
        found += _declared(declaration)
    yield from (name for name in found if not name.text.startswith("__"))


def includes_in(text: str) -> Iterator[str]:
    """Yield the headers that a source includes; linear in its length, for any text."""
    yield from (match[1] for match in _INCLUDE.finditer(text))


def _fold(tokens: Iterator[str], closing: str) -> tuple["str | Group", ...]:
    items: list[str | Group] = []
    for token in tokens:
        if token == closing:
            break
        if token in _CLOSING:
            items.append(Group(token, _fold(tokens, _CLOSING[token])))
        elif token not in _CLOSING.values():
            items.append(token)
    return tuple(items)


def _declarations(items: Sequence["str | Group"]) -> Iterator[list["str | Group"]]:
    """Split at semicolons, and behind the body of a function."""
    current: list[str | Group] = []
    for item in items:
        if item == ";":
            yield current
            current = []
            continue
        current.append(item)
        is_body = isinstance(item, Group) and item.bracket == "{" and _has_parameters(current[:-1])
        if is_body and "typedef" not in current:
            yield current
            current = []
    yield current


def _has_parameters(items: Sequence["str | Group"]) -> bool:
    return any(isinstance(item, Group) and item.bracket == "(" for item in _without_attributes(items))


def _without_attributes(items: Sequence["str | Group"]) -> list["str | Group"]:
    kept: list[str | Group] = []
    for item in items:
        if isinstance(item, Group) and kept and kept[-1] in {"__attribute__", "__attribute"}:
            kept.pop()
        else:
            kept.append(item)
    return kept


def _declared(declaration: Sequence["str | Group"]) -> Iterator[Name]:
    items = _without_attributes(declaration)
    body = next((item for item in items if isinstance(item, Group) and item.bracket == "{"), None)
    aggregate = next((word for word in items if word in {"struct", "union", "enum"}), None)
    if body is not None and aggregate is not None and items.index(aggregate) < items.index(body):
        yield from _aggregate(items, body, is_enum=aggregate == "enum")
    elif "typedef" in items:
        yield from (Name(Kind.TYPE, name) for name in _declarators(items))
    elif _has_parameters(items):
        yield from _function(items)
    elif "extern" in items:
        yield from (Name(Kind.VARIABLE, name) for name in _declarators(items))


def _aggregate(items: list["str | Group"], body: Group, *, is_enum: bool) -> Iterator[Name]:
    at = items.index(body)
    before, behind = items[:at], items[at + 1 :]
    tags = [word for word in before[-1:] if isinstance(word, str) and word not in _SPECIFIERS]
    types = list(dict.fromkeys([*tags, *(_declarators(behind) if "typedef" in before else ())]))
    yield from (Name(Kind.TYPE, name) for name in types)
    if is_enum:
        yield from (Name(Kind.ENUMERATOR, name) for name in _enumerators(body))
        return
    for path in _fields(body):
        yield from (Name(Kind.FIELD, f"{name}.{path}") for name in types)


def _enumerators(body: Group) -> Iterator[str]:
    expected = True
    for item in body.items:
        if expected and isinstance(item, str) and _WORD.fullmatch(item):
            yield item
        expected = item == ","


def _fields(body: Group) -> Iterator[str]:
    """Yield the paths of all fields; those of a nested structure without a name stand beside its neighbours."""
    for declaration in _declarations(body.items):
        items = _without_attributes(declaration)
        inner = next((item for item in items if isinstance(item, Group) and item.bracket == "{"), None)
        names = list(_declarators(items[items.index(inner) + 1 :] if inner else items))
        yield from names
        for path in _fields(inner) if inner and "enum" not in items else ():
            yield from [f"{name}.{path}" for name in names] or [path]


def _function(items: Sequence["str | Group"]) -> Iterator[Name]:
    """Yield the word before the parameters; a macro around the result's type, `API(int) open(void)`, is none."""
    pairs = pairwise(items)
    called = [
        word
        for word, item in pairs
        if isinstance(item, Group) and item.bracket == "(" and isinstance(word, str) and _WORD.fullmatch(word)
    ]
    name = next((word for word in called if not word.isupper()), "")
    if name and name not in _NOT_A_FUNCTION:
        yield Name(Kind.FUNCTION, name)


def _declarators(items: Sequence["str | Group"]) -> Iterator[str]:
    """Yield the declared names: the last word of each part between commas, or the one in `(*name)`."""
    part: list[str] = []
    for item in [*items, ","]:
        if item in {",", ":", "="}:
            yield from part[-1:]
            part = []
        elif isinstance(item, Group):
            pointer = [inner for inner in item.items if isinstance(inner, str) and _WORD.fullmatch(inner)]
            if item.bracket == "(" and item.items[:1] == ("*",) and pointer:
                yield pointer[-1]
                return
        elif _WORD.fullmatch(item) and item not in _SPECIFIERS:
            part.append(item)
