"""What a student gets: one page that stands alone, with the pictures and the lines of logs that its reasons lead to.

Nothing in it leads to another file, and nothing is of another student. Logs have lost their private keys already when
they were copied into the results (`grading.evidence`).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ..marking.result import SubmissionResult
from ..marking.rubric import Rubric
from .log_page import Excerpt, ToldLog, log_items, look_at, told_logs
from .pages import submission_page

#: Lines of a log before and after the one that a reason leads to.
_BEFORE: Final = 12
_AFTER: Final = 4


def feedback_page(result: SubmissionResult, rubric: Rubric, *, title: str, folder: Path) -> str:
    """Return a student's page as one file; `folder` is where its evidence is."""
    logs = tuple(told_logs(result, folder))
    prefixes = {(log.evidence, log.log): f"log{number}-" for number, log in enumerate(logs, start=1)}
    look = look_at(logs, lambda log, number: f"#{prefixes[log.evidence, log.log]}{number}")
    excerpts = [_excerpt(log, prefixes[log.evidence, log.log]) for log in logs]
    return submission_page(result, rubric, title=title, folder=folder, look=look, excerpts=excerpts)


def _excerpt(log: ToldLog, prefix: str) -> Excerpt:
    told = set(log.told.values())
    shown = sorted({number for one in told for number in _around(one, len(log.lines))})
    items = log_items(((number, log.lines[number - 1]) for number in shown), told, prefix=prefix)
    name = log.evidence.removeprefix("evidence/")
    return Excerpt(f"{name}: {log.log}", "\n".join(items))


def _around(number: int, count: int) -> Iterator[int]:
    yield from range(max(1, number - _BEFORE), min(count, number + _AFTER) + 1)
