"""A command for a person to paste into a POSIX shell, or for a tool that splits like one; no shell is started here.

Source: POSIX.1-2024, Shell Command Language, 2.2 (quoting).
"""

import shlex
from collections.abc import Iterable


def word(text: str) -> str:
    """Return the text as one word.

    Raises:
        ValueError: it has control characters, which a terminal acts upon before any shell sees them.
    """
    if any(not character.isprintable() for character in text):
        raise ValueError("a name with control characters cannot stand in a command")
    return shlex.quote(text)


def command(words: Iterable[str]) -> str:
    """Return a command line of these words.

    Raises:
        ValueError: one has control characters.
    """
    return " ".join(word(text) for text in words)
