"""What a firmware prints, for somebody's terminal or file: colours stay on a terminal, no other control sequence does.

The bytes are a stranger's: they must not move the cursor, rename the window or answer for the user.
"""

import re
from dataclasses import dataclass, field
from typing import Final

#: A sequence of colours and no other, as ESP-IDF's log prints it (ECMA-48, SGR).
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,16}m")
#: What may become a sequence when more comes.
_BEGUN: Final = re.compile(r"\x1b(?:\[[0-9;]{0,16})?\Z")
_KEPT: Final = frozenset("\t\n")


@dataclass(slots=True)
class SerialText:
    """Turns bytes as they come into text; a sequence or character cut in two waits for its other half.

    Attributes:
        has_colours: whether the reader is a terminal.
    """

    has_colours: bool
    _held: str = ""
    _rest: bytes = field(default=b"", repr=False)

    def take(self, data: bytes) -> str:
        """Return the text of these bytes: bytes that are no UTF-8 as U+FFFD, lines ended by one line feed."""
        text = self._held + self._decoded(data)
        begun = _BEGUN.search(text)
        self._held = begun[0] if begun else ""
        text = text[: begun.start()] if begun else text
        pieces = _COLOUR.split(text)
        colours = _COLOUR.findall(text) if self.has_colours else []
        shown = ["".join(map(_shown, piece)) for piece in pieces]
        return "".join(part + colour for part, colour in zip(shown, [*colours, *[""] * len(shown)], strict=False))

    def _decoded(self, data: bytes) -> str:
        whole = self._rest + data
        for cut in range(min(3, len(whole)) + 1):
            end = len(whole) - cut
            try:
                text = whole[:end].decode()
            except UnicodeDecodeError:
                continue
            self._rest = whole[end:]
            return text
        self._rest = b""
        return whole.decode(errors="replace")


def _shown(character: str) -> str:
    if character in _KEPT or character.isprintable():
        return character
    return "" if character == "\r" else "\ufffd"
