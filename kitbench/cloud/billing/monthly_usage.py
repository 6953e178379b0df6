"""What this bench's runs have cost an account this month, so that a budget is seen before it is gone.

One file per account and region, a line per run: the month (UTC, as AWS bills) and the messages. A run that was killed
is not in it, nor is what others on the account spend: AWS's own Billing console has the last word.
"""

import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kitbench.errors import BenchError

#: Where the counts are in a bench's state folder.
USAGE: Final = "usage"
_LINE: Final = re.compile(r"(\d{4}-\d{2}) (\d{1,12})")
#: A run's line is sixteen bytes: years of a busy bench.
_SIZE_MAX: Final = 1 << 20


def add_usage(folder: Path, cloud_id: str, messages: int, *, now: datetime | None = None) -> None:
    """Add a run's messages to this month's; several runs may do so at once.

    Raises:
        BenchError: the disk is full or gone.
    """
    line = f"{_month(now)} {messages}\n".encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(_path(folder, cloud_id), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            # One short write to a file opened for appending: lines of several runs do not mix (POSIX, write).
            os.write(descriptor, line)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise BenchError(f"cannot note what the run cost in {folder}: {error.strerror}", stage="cloud") from error


def usage_of_month(folder: Path, cloud_id: str, *, now: datetime | None = None) -> int:
    """Return how many messages this bench's runs have taken from the account this month.

    Raises:
        BenchError: the file cannot be read, or is none of ours.
    """
    path = _path(folder, cloud_id)
    try:
        with path.open("rb") as file:
            text = file.read(_SIZE_MAX).decode("ascii", errors="replace")
    except FileNotFoundError:
        return 0
    except OSError as error:
        raise BenchError(f"cannot read {path}: {error.strerror}", stage="cloud") from error
    lines = [_LINE.fullmatch(line) for line in text.splitlines()]
    return sum(int(line[2]) for line in lines if line and line[1] == _month(now))


def _month(now: datetime | None) -> str:
    return f"{now or datetime.now(UTC):%Y-%m}"


def _path(folder: Path, cloud_id: str) -> Path:
    return folder / re.sub(r"[^0-9A-Za-z-]", "_", cloud_id)
