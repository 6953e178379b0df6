"""A CSV file of a learning platform: rows to fill in and to give back as they came."""

import codecs
import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from kitbench.errors import UsageError

LARGEST_SHEET: Final = 8 << 20
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a header; every row has as many cells as the header.

    Attributes:
        name: the file's name, for messages.
        delimiter: what stands between cells; spreadsheets of some countries write semicolons.
        encoding: of the file, by its byte order mark.
    """

    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    delimiter: str = ","
    encoding: str = "utf-8"

    def column(self, title: str) -> int:
        """Return the index of a column.

        Raises:
            UsageError: there is none of this title.
        """
        if title not in self.header:
            raise UsageError(f"{self.name} has no column {title!r}", stage="export")
        return self.header.index(title)


def read_sheet(path: Path) -> Sheet:
    """Return the table in a CSV file.

    Raises:
        UsageError: it cannot be read, is too large, or is no CSV with a header.
    """
    try:
        if path.stat().st_size > LARGEST_SHEET:
            raise UsageError(f"{path} is larger than {LARGEST_SHEET >> 20} MB", stage="export")
        content = path.read_bytes()
        # With a byte order mark, as platforms offer it for spreadsheets; Blackboard's files with tabs are UTF-16.
        is_utf_16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        sheet = parse_sheet(content.decode("utf-16" if is_utf_16 else "utf-8-sig"), name=path.name)
        return replace(sheet, encoding="utf-16") if is_utf_16 else sheet
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is neither UTF-8 nor UTF-16 text"
        raise UsageError(f"cannot read {path}: {reason}", stage="export") from error


def parse_sheet(text: str, *, name: str) -> Sheet:
    """Return the table in a text; rows that are short are filled up, empty ones are left out.

    Raises:
        UsageError: it is no CSV with a header.
    """
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        lines = [row for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True) if any(row)]
    except csv.Error as error:
        raise UsageError(f"{name} is no CSV file: {error}", stage="export") from error
    if not lines:
        raise UsageError(f"{name} is empty", stage="export")
    header, *rows = lines
    width = len(header)
    filled = tuple(tuple((row + [""] * width)[:width]) for row in rows)
    return Sheet(name, tuple(title.strip() for title in header), filled, delimiter)


def sheet_text(sheet: Sheet) -> str:
    """Return the table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=sheet.delimiter, lineterminator="\r\n")
    writer.writerows([sheet.header, *sheet.rows])
    return text.getvalue()


def rows_of(sheet: Sheet, students: Mapping[str, str], keys: Mapping[int, Sequence[str]]) -> dict[int, str]:
    """Return which row is whose, as row index to student id.

    Args:
        sheet: the table.
        students: ids by what they may be called, in lower case: `roster.aliases_of`.
        keys: per row, what the platform knows its student by.

    Raises:
        UsageError: no row is anybody's, or two rows are of the same student.
    """
    found: dict[int, str] = {}
    for index, names in keys.items():
        owner = next((students[name.casefold()] for name in names if name.casefold() in students), None)
        if owner is None:
            continue
        if owner in found.values():
            raise UsageError(f"{sheet.name} has two rows of {owner!r}", stage="export")
        found[index] = owner
    if not found:
        raise UsageError(f"{sheet.name} has no row of anybody in the roster", stage="export")
    return found
