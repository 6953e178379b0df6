"""Patterns of policies: `*` any characters, `?` one, `${variable}` its value. Pure, and linear where regexes are not.

A policy is written by a stranger and compared with topics of a stranger: the time for one comparison is bounded by the
product of both lengths (a regular expression with many `.*` is not).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

#: Variables with fixed values stand for characters with a meaning: ``${*}``, ``${?}``, ``${$}``.
_CHARACTERS: Final = {"*": "*", "?": "?", "$": "$"}
_VARIABLE: Final = re.compile(r"\$\{([^{}]*)\}")
#: Inside a chunk this stands for `?`: one character that no topic holds.
_ANY: Final = "\0"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The pieces between the `*` of a pattern; in a piece U+0000 stands for any one character."""

    chunks: tuple[str, ...]

    @classmethod
    def literal_wildcards(cls, text: str) -> "Pattern":
        """Return the pattern `text` without variables, as actions are written."""
        return cls(tuple(_wild(text).split("*")))

    @classmethod
    def bind(cls, text: str, variables: Mapping[str, str]) -> "Pattern | None":
        """Return the pattern with its variables replaced; None when one has no value, since it then matches nothing.

        The value of a variable is literal: a client id of `*` is no wildcard.
        """
        chunks = [""]
        position = 0
        for match in _VARIABLE.finditer(text):
            _extend(chunks, _wild(text[position : match.start()]))
            value = value_of(match[1], variables)
            if value is None:
                return None
            chunks[-1] += value
            position = match.end()
        _extend(chunks, _wild(text[position:]))
        return cls(tuple(chunks))

    def matches(self, text: str) -> bool:
        """Return whether the whole of `text` matches."""
        first, *rest = self.chunks
        if not rest:
            return len(text) == len(first) and _at(first, text, 0)
        last = rest.pop()
        if len(text) < len(first) + len(last) or not _at(first, text, 0) or not _at(last, text, len(text) - len(last)):
            return False
        position, end = len(first), len(text) - len(last)
        for chunk in rest:
            found = _find(chunk, text, position, end)
            if found < 0:
                return False
            position = found + len(chunk)
        return True


def value_of(name: str, variables: Mapping[str, str]) -> str | None:
    """Return the value of policy variable `name`, which is not case-sensitive before its `[`."""
    if name in _CHARACTERS:
        return _CHARACTERS[name]
    if name in variables:
        return variables[name]
    folded = _folded(name)
    return next((value for known, value in variables.items() if _folded(known) == folded), None)


def _folded(name: str) -> str:
    head, bracket, rest = name.partition("[")
    return head.lower() + bracket + rest


def _wild(text: str) -> str:
    return text.replace("?", _ANY)


def _extend(chunks: list[str], text: str) -> None:
    first, *rest = text.split("*")
    chunks[-1] += first
    chunks.extend(rest)


def _at(chunk: str, text: str, position: int) -> bool:
    if _ANY not in chunk:
        return text.startswith(chunk, position)
    return all(wanted in {_ANY, text[position + index]} for index, wanted in enumerate(chunk))


def _find(chunk: str, text: str, start: int, end: int) -> int:
    if _ANY not in chunk:
        return text.find(chunk, start, end)
    return next((position for position in range(start, end - len(chunk) + 1) if _at(chunk, text, position)), -1)
