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
    | (?P<comment>\#[^\n]*)
    | (?P<quoted>"(?P<inner>(?:[^"\\]++|\\.)*+)")
    | (?P<open>\()
    | (?P<close>\))
    | (?P<unquoted>(?:[^\s()\#"\\]++|\\.)(?:[^\s()\#"\\]++|\\.|"(?:[^"\\\n]++|\\.)*+")*+)
    """,
    re.VERBOSE | re.DOTALL,
)
#: Of an argument, or behind `#` of a comment, that ends at a bracket with as many equals signs.
_BRACKET: Final = re.compile(r"\#?\[(=*+)\[")
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
    unclosed: set[str] = set()
    while position < len(text):
        bracket = _bracket(text, position, line, unclosed)
        if bracket is not None:
            token, end = bracket
        else:
            match = _TOKEN.match(text, position)
            if match is None:
                raise syntax_error(file, line, f"unexpected {text[position]!r}")
            kind = "quoted" if match["quoted"] is not None else match.lastgroup or ""
            token, end = _Token(kind, match["inner"] if kind == "quoted" else match[0], line), match.end()
        if token.kind not in {"space", "comment"}:
            yield token
        line += text.count("\n", position, end)
        position = end


def _bracket(text: str, position: int, line: int, unclosed: set[str]) -> tuple[_Token, int] | None:
    """Return a bracket argument or comment that begins here, and where it ends.

    What nothing closes is looked for once, and remembered in `unclosed`: a pattern would look again at each beginning.
    """
    opening = _BRACKET.match(text, position)
    if opening is None or opening[1] in unclosed:
        return None
    closing = f"]{opening[1]}]"
    end = text.find(closing, opening.end())
    if end < 0:
        unclosed.add(opening[1])
        return None
    kind = "comment" if opening[0].startswith("#") else "bracket"
    return _Token(kind, text[opening.end() : end], line), end + len(closing)


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
