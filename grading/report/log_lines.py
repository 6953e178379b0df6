"""Which line of a log a check's reason speaks of. Pure: text in, line number out, from 1."""

import re
from collections.abc import Sequence
from typing import Final

from ..marking.run_report import Check

SERIAL: Final = "serial.log"
CLOUD: Final = "cloud_messages.jsonl"
PYTEST: Final = "pytest.log"
#: The logs whose lines are told, the most telling first.
LOGS: Final = (SERIAL, CLOUD, PYTEST)
_QUOTED: Final = re.compile(r"'([^'\n]{3,200})'|“([^”\n]{3,200})”|\"([^\"\n]{3,200})\"")
_HEADING: Final = re.compile(r"=== test_")
_FAILURE: Final = re.compile(r"_{3,} test_")


def telling_line(log: str, lines: Sequence[str], check: Check) -> int | None:
    """Return the line of a log that shows why a check did not pass, None where there is none.

    The serial log is parted by test, so that its line is the last in that test's part which the reason quotes, or else
    the part's last. pytest's is the error itself. Messages of the cloud carry no test: there, only a quoted one counts.
    """
    if log == SERIAL:
        part = _part(lines, f"=== test_{_instance(check)}", _HEADING)
        return _quoted_in(lines, part, check.reason) or _last(lines, part)
    if log == PYTEST:
        part = _part(lines, f" test_{_instance(check)} _", _FAILURE)
        errors = [number for number in part if lines[number - 1].startswith("E ")]
        return errors[0] if errors else _first_with(lines, check.nodeid)
    return _quoted_in(lines, range(1, len(lines) + 1), check.reason)


def _instance(check: Check) -> str:
    """Return the test's name with its parameters, without `test_`."""
    return check.nodeid.rpartition("::test_")[2] or check.name


def _part(lines: Sequence[str], begin: str, heading: "re.Pattern[str]") -> range:
    """Return the numbers of the lines after the last heading that holds `begin`, up to the next heading."""
    starts = [number for number, line in enumerate(lines, 1) if begin in line]
    if not starts:
        return range(0)
    after = (number for number in range(starts[-1] + 1, len(lines) + 1) if heading.match(lines[number - 1]))
    return range(starts[-1] + 1, next(after, len(lines) + 1))


def _quoted_in(lines: Sequence[str], part: range, reason: str) -> int | None:
    for quote in sorted((next(filter(None, found)) for found in _QUOTED.findall(reason)), key=len, reverse=True):
        for number in reversed(part):
            if quote in lines[number - 1]:
                return number
    return None


def _last(lines: Sequence[str], part: range) -> int | None:
    return next((number for number in reversed(part) if lines[number - 1].strip()), None)


def _first_with(lines: Sequence[str], text: str) -> int | None:
    return next((number for number, line in enumerate(lines, 1) if text in line), None)
