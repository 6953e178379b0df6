"""Markdown: a text in a cell of a table or in a line, in which nothing is a link, an image, HTML or emphasis.

Source: CommonMark 0.31, 2.4 (a backslash before any ASCII punctuation makes it plain); GitHub's tables, where it does
so for the bar between cells as well.
"""

import re
from typing import Final

from kitbench.quoting.terminal import printable_line

#: Of anything within a line, and what would make a block of it at its beginning; `://` is a link to GitHub.
_MEANS_SOMETHING: Final = re.compile(r"[\\`*_{}\[\]<>&|~!$@^]|^[-+#=:]|^\d+(?=[.)])|(?<=:)/(?=/)|^\.")


def text(written: str) -> str:
    """Return the text as one line of Markdown that shows it; control characters and line ends become blanks."""
    return _MEANS_SOMETHING.sub(_plain, printable_line(written))


def _plain(match: re.Match[str]) -> str:
    # A digit needs no backslash, and has none: what follows a number at the beginning would make a list of it.
    return f"{match[0]}\\" if match[0].isdecimal() else f"\\{match[0]}"
