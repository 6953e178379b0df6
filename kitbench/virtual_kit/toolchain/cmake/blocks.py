"""CMake's blocks, nested: branches of if(), loops, and the bodies of functions and macros."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kitbench.virtual_kit.toolchain.cmake.syntax import Command, syntax_error

_MAX_DEPTH: Final = 40
_ENDS: Final = {
    "if": "endif",
    "foreach": "endforeach",
    "while": "endwhile",
    "function": "endfunction",
    "macro": "endmacro",
}
_CLOSERS: Final = frozenset({*_ENDS.values(), "else", "elseif"})


@dataclass(frozen=True, slots=True)
class Block:
    """A command with what stands inside of it.

    Attributes:
        opening: `if`, `elseif`, `else`, `foreach`, `while`, `function` or `macro`.
        body: the commands and blocks inside.
        otherwise: for `if` and `elseif`, the branch after it.
    """

    opening: Command
    body: tuple["Node", ...]
    otherwise: "Block | None" = None


Node = Command | Block


def nest(commands: tuple[Command, ...], file: str) -> tuple[Node, ...]:
    """Return the commands as a tree.

    Raises:
        KitError: a block is not closed, or closed without being open; names `file` and line.
    """
    nester = _Nester(iter(commands), file)
    nodes, closer = nester.nodes(0)
    if closer is not None:
        opener = next((name for name, end in _ENDS.items() if end == closer.name), "if")
        raise syntax_error(file, closer.line, f"{closer.name}() without {opener}()")
    return nodes


class _Nester:
    def __init__(self, commands: Iterator[Command], file: str) -> None:
        self._commands = commands
        self._file = file

    def nodes(self, depth: int) -> tuple[tuple[Node, ...], Command | None]:
        """Return the nodes up to the command that closes the block, and that command."""
        found: list[Node] = []
        for command in self._commands:
            if command.name in _CLOSERS:
                return tuple(found), command
            found.append(self._block(command, depth + 1) if command.name in _ENDS else command)
        return tuple(found), None

    def _block(self, opening: Command, depth: int) -> Block:
        if depth > _MAX_DEPTH:
            raise syntax_error(self._file, opening.line, f"more than {_MAX_DEPTH} blocks inside each other")
        body, closer = self.nodes(depth)
        end = _ENDS.get(opening.name, "endif")
        if closer is not None and closer.name == end:
            return Block(opening, body)
        if closer is not None and end == "endif" and closer.name in {"else", "elseif"}:
            return Block(opening, body, self._block(closer, depth + 1))
        raise syntax_error(self._file, opening.line, f"no {end}() closes this {opening.name}()")
