"""A log as a page with numbered lines, so that a reason can lead to its very line; and where each reason leads."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
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


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Lines of a log around those that reasons lead to, as items of a list in HTML."""

    title: str
    items: str


#: By evidence folder and pytest's name of the check: where its reason leads.
Look = Mapping[tuple[str, str], tuple[Place, ...]]


@dataclass(frozen=True, slots=True)
class ToldLog:
    """A log of an attempt, and by pytest's name of each check that did not pass: the line that shows why."""

    evidence: str
    log: str
    lines: list[str]
    told: Mapping[str, int]


def told_logs(result: SubmissionResult, folder: Path) -> Iterator[ToldLog]:
    """Yield the logs in which reasons are shown, the most telling of each attempt first."""
    for attempt in result.attempts:
        lost = _not_passed(attempt)
        for log in LOGS if lost else ():
            lines = _lines(folder / attempt.evidence / log) if log in attempt.files else []
            found = {check.nodeid: telling_line(log, lines, check) for check in lost}
            told = {nodeid: number for nodeid, number in found.items() if number is not None}
            if told:
                yield ToldLog(attempt.evidence, log, lines, told)


def look_at(logs: Iterable[ToldLog], href: Callable[[ToldLog, int], str]) -> Look:
    """Return where the reason of each check leads; `href` is the address of a log's line."""
    look: dict[tuple[str, str], tuple[Place, ...]] = {}
    for log in logs:
        for nodeid, number in log.told.items():
            place = Place(f"{log.log}, line {number}", href(log, number))
            look[log.evidence, nodeid] = (*look.get((log.evidence, nodeid), ()), place)
    return look


def look_up(result: SubmissionResult, folder: Path) -> tuple[Look, tuple[LogPage, ...]]:
    """Return where the reason of each check that did not pass leads, and the pages that these links need."""
    logs = tuple(told_logs(result, folder))
    look = look_at(logs, lambda log, number: f"{quote(f'{log.evidence}/{log.log}.html')}#L{number}")
    pages = (
        LogPage(f"{log.evidence}/{log.log}.html", log_page(log.log, log.lines, set(log.told.values()))) for log in logs
    )
    return look, tuple(pages)


def log_page(name: str, lines: list[str], told: set[int]) -> str:
    """Return a log's lines as a page; those that a reason leads to are marked."""
    body = "\n".join(log_items(enumerate(lines, 1), told))
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


def log_items(lines: Iterable[tuple[int, str]], told: Container[int], *, prefix: str = "L") -> Iterator[str]:
    """Yield numbered lines as items of a list; those that a reason leads to are marked."""
    for number, line in lines:
        mark = ' class="told"' if number in told else ""
        yield f'<li id="{prefix}{number}"{mark}><a href="#{prefix}{number}">{number}</a>{escape(_printable(line))}</li>'


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
