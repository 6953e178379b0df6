"""What people save of espefuse's summary: its table for people, and files in the encodings of their shells. Pure.

Source: espefuse, "summary": name, block, description, value, and whether it can be read and written.
"""

import re
from typing import Any, Final

_ROW: Final = re.compile(r"(?P<name>[A-Z][A-Z0-9_]{2,40}) \(BLOCK\d{1,2}\)")
#: "= 0 R/W (0b0)": the last equals sign of a row that has a value behind it; "-" for what cannot be done.
_VALUE: Final = re.compile(r"= (?P<value>[^=]{1,200}?) (?P<access>[R-]/[W-])(?:\s|$)")
_MARKS: Final = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))


def decoded(data: bytes) -> str:
    """Return the text of a file as PowerShell (UTF-16 with a mark) or any other shell wrote it."""
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    return data.decode(encoding, errors="replace")


def fields_in_table(text: str) -> dict[str, Any]:
    """Return the fields of the table for people, in the form of `summary --format json`."""
    fields: dict[str, Any] = {}
    name = ""
    for line in text.splitlines():
        if (row := _ROW.match(line)) is not None:
            name = row["name"]
        # A long value stands in a line of its own below its name.
        if name and (match := _VALUE.search(line)) is not None:
            access = match["access"]
            fields[name] = {"value": match["value"], "readable": access[0] == "R", "writeable": access[2] == "W"}
            name = ""
    return fields
