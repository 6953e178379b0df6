"""Text in HTML or SVG that no template makes: a feedback's cell for a learning platform, words in a picture."""

import html

from kitbench.quoting.terminal import printable_line


def lines(text: str) -> str:
    """Return the lines of a text for a place between tags, with `<br>` between them."""
    return "<br>".join(html.escape(line, quote=True) for line in text.splitlines())


def line(text: str) -> str:
    """Return a text for a place between tags or in quotes, of SVG too: XML cannot hold control characters at all."""
    return html.escape(printable_line(text), quote=True)
