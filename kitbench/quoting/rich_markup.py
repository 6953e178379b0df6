"""The markup of Rich, in which `[bold]` and `[link=…]` are tags: a text that stands among ours on a terminal."""

from rich.markup import escape


def text(written: str) -> str:
    """Return the text as markup that shows it on a `Console(emoji=False)`; control characters become blanks."""
    return escape("".join(character if character.isprintable() else " " for character in written))
