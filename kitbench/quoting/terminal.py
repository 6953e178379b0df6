"""A text on a terminal, in a log or in a one-line error: no control sequence, no line of its own, nothing reversed."""


def printable_line(text: str) -> str:
    """Return the text as one line of printable characters, blanks for all others."""
    if not text.isprintable():
        text = "".join(character if character.isprintable() else " " for character in text)
    return " ".join(text.split())
