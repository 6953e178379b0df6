"""The syntax of CMake's language, as far as project files of ESP-IDF use it: commands, arguments, comments.

Nothing is evaluated here. Source: cmake-language(7), "Syntax".
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kitbench.errors import KitError


class ArgumentKind(Enum):
    """How an argument was written; only unquoted ones are split at semicolons, bracket ones are never expanded."""

    QUOTED = "quoted"
    UNQUOTED = "unquoted"
    BRACKET = "bracket"


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument before variables are expanded."""

    text: str
    kind: ArgumentKind


@dataclass(frozen=True, slots=True)
class Command:
    """One command invocation; `name` in lower case, as CMake compares it."""

    name: str
    arguments: tuple[Argument, ...]
    line: int


_TOKEN: Final = re.compile(
    r"""
      (?P<space>[ \t\r\n]+)
    | (?P<comment>\#\[(?P<hashes>=*)\[.*?\](?P=hashes)\] | \#[^\n]*)
    | (?P<bracket>\[(?P<equals>=*)\[(?P<raw>.*?)\](?P=equals)\])
    | (?P<quoted>"(?P<inner>(?:[^"\\]|\\.)*)")
    | (?P<open>\()
    | (?P<close>\))
    | (?P<unquoted>(?:[^\s()\#"\\]|\\.|\$ENV\{[^}]*\})(?:[^\s()\#"\\]|\\.|\$ENV\{[^}]*\}|"(?:[^"\\\n]|\\.)*")*)
    """,
    re.VERBOSE | re.DOTALL,
)
_IDENTIFIER: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    line: int


def parse(text: str, file: str) -> tuple[Command, ...]:
    """Return the commands of a CMake file in order.

    Raises:
        KitError: the text is not CMake; names `file` and line.
    """
    return tuple(_commands(_tokens(text, file), file))


def _tokens(text: str, file: str) -> Iterator[_Token]:
    position, line = 0, 1
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise syntax_error(file, line, f"unexpected {text[position]!r}")
        kind = match.lastgroup or ""
        for group in ("quoted", "bracket", "comment", "space"):
            if match[group] is not None:
                kind = group
        content = {"quoted": match["inner"], "bracket": match["raw"]}.get(kind) or ""
        if kind not in {"space", "comment"}:
            yield _Token(kind, content if kind in {"quoted", "bracket"} else match[0], line)
        line += match[0].count("\n")
        position = match.end()


def _commands(tokens: Iterator[_Token], file: str) -> Iterator[Command]:
    for token in tokens:
        if token.kind != "unquoted" or not _IDENTIFIER.fullmatch(token.text):
            raise syntax_error(file, token.line, f"expected a command, found {token.text[:40]!r}")
        opening = next(tokens, None)
        if opening is None or opening.kind != "open":
            raise syntax_error(file, token.line, f"expected '(' after {token.text!r}")
        yield Command(token.text.lower(), tuple(_arguments(tokens, file, token)), token.line)


def _arguments(tokens: Iterator[_Token], file: str, command: _Token) -> Iterator[Argument]:
    """Yield arguments up to the closing parenthesis; inner parentheses, as `if` has them, are arguments too."""
    depth = 1
    for token in tokens:
        depth += {"open": 1, "close": -1}.get(token.kind, 0)
        if depth == 0:
            return
        kind = {"quoted": ArgumentKind.QUOTED, "bracket": ArgumentKind.BRACKET}.get(token.kind, ArgumentKind.UNQUOTED)
        yield Argument(token.text, kind)
    raise syntax_error(file, command.line, f"no ')' closes {command.text!r}")


def syntax_error(file: str, line: int, message: str) -> KitError:
    """Return the student's error at a line of a CMake file."""
    return KitError(f"{file}:{line}: {message}", stage="build")
