"""Writes remarks beside a serial line: on standard error, each a line of its own that begins with `---`.

ESP-IDF's monitor marks its own lines so. A kit that tries again and again is told of once, then at 10, 100 … times.
"""

import os
from collections import Counter
from typing import Final, TextIO

from kitbench.bench.project_run.set_up_remarks import Remark

_TROUBLE: Final = "\x1b[33m"
_NEWS: Final = "\x1b[36m"
_PLAIN: Final = "\x1b[0m"


class RemarkScreen:
    """The place of remarks.

    Args:
        stream: usually standard error; colours show on a terminal alone, and where NO_COLOR is not set.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._has_colours = stream.isatty() and not os.environ.get("NO_COLOR")
        self._said: Counter[str] = Counter()
        self._is_at_begin = True

    def follow(self, shown: str) -> None:
        """Take note of what the serial line has written, so that a remark begins a line."""
        if shown:
            self._is_at_begin = shown.endswith("\n")

    def show(self, remark: Remark) -> None:
        """Write a remark, unless it was written lately."""
        line = f"--- {remark.who}: {remark.text}"
        self._said[line] += 1
        count = self._said[line]
        if count == 1:
            self._write(line, _TROUBLE if remark.is_trouble else _NEWS)
        elif str(count).strip("0") == "1":
            self._write(f"{line} ({count} times)", _TROUBLE if remark.is_trouble else _NEWS)

    def say(self, line: str) -> None:
        """Write a line of the monitor's own."""
        self._write(line, _NEWS)

    def _write(self, line: str, colour: str) -> None:
        begin = "" if self._is_at_begin else "\n"
        coloured = f"{colour}{line}{_PLAIN}" if self._has_colours else line
        self._stream.write(f"{begin}{coloured}\n")
        self._stream.flush()
        self._is_at_begin = True
