"""Texts that mean something to some language, alone and in each other's company; the same ones on every run."""

import itertools
import random
from typing import Final

_PIECES: Final = (
    *("", "a", "ä€", "'", '"', "\\", "$(shell,id)", "${HOME}", "$HOME", "`id`", "$(id)", ";", "|", "&", "#", "//"),
    *("/*", "<script>", "</td>", "<!--", "&lt;", "{{ 7*7 }}", "{% raw %}", "=1+1", "+1", "-1", "@x", "\uff1dx", ","),
    *("\t", "]]", "\n", "\r", "\r\n", "\x00", "\x1b[2J", "\x1b]0;x\x07", "\x7f", "\x85", "\u2028", "\u202e", "\ufeff"),
    *("??/", "%s", "{0}", "[bold]x[/]", "[x](javascript:1)", "*?", "..", "../x", "C:x", "\\n", '"""', "config X"),
    *("#include <x>", "\ue000", "\u2066", "\u200b", "\u2029", "\x1c", "\ud800", "%0a", "%s%n", "\\$", "$$", "@x@"),
    # Names that a file system or a tool takes for something else.
    *("-rf", "--help", ".", "...", "a.", "a ", "con", "NUL.txt", "COM1", "~", "~root", "!!", "^", "*", "a" * 5000),
    *("|---|", "1. x", "- x", "> x", "http://x.example", "<http://x.example>", "![x](y)", "~~x~~", ":x:", "\\|"),
)


def texts() -> list[str]:
    """Return each piece alone, and 300 random companies of them."""
    chance = random.Random(17)
    together = ["".join(chance.choices(_PIECES, k=chance.randrange(2, 6))) for _ in range(300)]
    return list(dict.fromkeys(itertools.chain(_PIECES, together)))
