"""A log as a page with numbered lines, so that a reason can lead to its very line; and where each reason leads."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import quote

from kitbench.page_style import page_style

from ..judgement import Outcome, Problem
from ..marking.result import Attempt, SubmissionResult
from ..marking.run_report import Check
from .log_lines import LOGS, telling_line

_MOST_LINES: Final = 20_000
_LONGEST_LINE: Final = 2_000
_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'"


@dataclass(frozen=True, slots=True)
class Place:
    """A link to where a reason is shown, relative to the student's page."""

    words: str
    href: str


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page to write beside a log; `file` is relative to the student's folder."""

    file: str
    html: str


#: By evidence folder and pytest's name of the check: where its reason leads.
Look = Mapping[tuple[str, str], tuple[Place, ...]]


def look_up(result: SubmissionResult, folder: Path) -> tuple[Look, tuple[LogPage, ...]]:
    """Return where the reason of each check that did not pass leads, and the pages that these links need."""
    look: dict[tuple[str, str], tuple[Place, ...]] = {}
    pages: list[LogPage] = []
    for attempt in result.attempts:
        lost = _not_passed(attempt)
        logs = {log: _lines(folder / attempt.evidence / log) for log in LOGS if lost and log in attempt.files}
        told = {log: {check.nodeid: telling_line(log, lines, check) for check in lost} for log, lines in logs.items()}
        for check in lost:
            places = ((log, told[log][check.nodeid]) for log in logs)
            look[attempt.evidence, check.nodeid] = tuple(
                Place(f"{log}, line {number}", f"{quote(f'{attempt.evidence}/{log}.html')}#L{number}")
                for log, number in places
                if number is not None
            )
        pages += [
            LogPage(f"{attempt.evidence}/{log}.html", log_page(log, lines, numbers))
            for log, lines in logs.items()
            if (numbers := {number for number in told[log].values() if number is not None})
        ]
    return look, tuple(pages)


def log_page(name: str, lines: list[str], told: set[int]) -> str:
    """Return a log's lines as a page; those that a reason leads to are marked."""
    body = "\n".join(_items(lines, told))
    head = (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        f"<title>{escape(name)}</title>\n<style>\n{page_style()}</style>\n</head>\n"
    )
    back = '<p class="small"><a href="../../index.html">← the student\'s page</a></p>'
    return (
        f'{head}<body><main>{back}\n<h1>{escape(name)}</h1>\n<ol class="log">\n{body}\n</ol></main></body>\n</html>\n'
    )


def _items(lines: list[str], told: set[int]) -> Iterator[str]:
    for number, line in enumerate(lines, 1):
        mark = ' class="told"' if number in told else ""
        yield f'<li id="L{number}"{mark}><a href="#L{number}">{number}</a>{escape(_printable(line))}</li>'


def _printable(line: str) -> str:
    text = "".join(character if character.isprintable() else " " for character in line)
    return text if len(text) <= _LONGEST_LINE else f"{text[:_LONGEST_LINE]} …"


def _lines(path: Path) -> list[str]:
    """Return the lines of a log, none where it is not there; a log is cut when it is copied into the results."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").split("\n")[:_MOST_LINES]
    except OSError:
        return []


def _not_passed(attempt: Attempt) -> list[Check]:
    if isinstance(attempt.outcome, Problem):
        return []
    return [check for check in attempt.outcome.checks if check.outcome is not Outcome.PASSED]
