"""A cell of a CSV file: `csv` quotes it, and what a spreadsheet would take for a formula gets an apostrophe.

Source: OWASP, "CSV Injection"; full-width forms are read alike.
"""

from typing import Final

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def cell(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
