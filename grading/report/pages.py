"""Renders results as pages: pure but for reading the pictures that are laid into them."""

import base64
from collections.abc import Sequence
from functools import lru_cache
from operator import attrgetter
from pathlib import Path
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined, Template, select_autoescape

from kitbench.page_style import page_style

from ..across.likeness import Likeness, widespread
from ..hand_in.submission import Submission
from ..judgement import Outcome, Problem
from ..marking.check_reason import check_reason
from ..marking.result import Attempt, ClassResult, SubmissionResult
from ..marking.rubric import Rubric
from ..marking.score import Mark
from ..records.feedback import lost_points, points_text, short_points
from ..records.gap_list import gap_list
from ..statistics.statistics import statistics_of
from ..variant import Variant
from .log_page import Excerpt, Look, Place

LARGEST_PICTURE: Final = 4 << 20
_MEDIA_TYPES: Final = {".svg": "image/svg+xml", ".png": "image/png"}
_WORDS: Final = {Outcome.PASSED: "passed", Outcome.FAILED: "failed", Outcome.NOT_GRADED: "not graded"}
#: The evidence that says most about a run, the most telling first.
_TELLING: Final = (
    *("serial.log", "backtraces.txt", "cloud_messages.jsonl"),
    *("verdict-atecc608a.json", "flash_map-atecc608a.png"),
)
#: A sign beside the colour, for who cannot tell the colours apart.
_SIGNS: Final = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.NOT_GRADED: "?"}


def class_page(result: ClassResult) -> str:
    """Return the class page; it links `submissions/<id>/index.html`."""
    return _template("class.html.j2").render(
        result=result, rubric=result.rubric, full_marks=_full_marks(result), gaps=gap_list(result.results)
    )


def submission_page(  # noqa: PLR0913 - each is of another kind
    result: SubmissionResult,
    rubric: Rubric,
    *,
    title: str,
    folder: Path,
    look: Look | None = None,
    excerpts: Sequence[Excerpt] | None = None,
) -> str:
    """Return a student's page.

    Args:
        result: what the page is about.
        rubric: what it was scored by.
        title: of the class.
        folder: where its evidence is, relative to which it is linked.
        look: where the reason of each check leads.
        excerpts: parts of logs to show; None for a page beside its evidence, which links it instead.
    """
    facts = result.facts
    return _template("submission.html.j2").render(
        result=result,
        rubric=rubric,
        title=title,
        submission=facts.submission if isinstance(facts.submission, Submission) else None,
        written=_written(result),
        look=look or {},
        excerpts=excerpts or [],
        is_alone=excerpts is not None,
        names={criterion.id: criterion.title for criterion in rubric.criteria},
        pictures={
            variant: (result.facts.audits.get(variant), _picture(folder, files))
            for variant, files in result.audit_files.items()
        },
    )


def across_page(title: str, found: Sequence[Likeness], count: int) -> str:
    """Return the page of what hand-ins have in common; `count` of them were compared."""
    common = widespread(found, count)
    telling = [one for one in found if one not in common]
    return _template("across.html.j2").render(title=title, found=telling, common=common, count=count)


def statistics_page(result: ClassResult) -> str:
    """Return the class in numbers."""
    return _template("statistics.html.j2").render(
        title=result.title, numbers=statistics_of(result), gaps=gap_list(result.results)
    )


def where_to_look(result: SubmissionResult, mark: Mark, look: Look, *, is_alone: bool = False) -> list[Place]:
    """Return what is behind a mark that was lost on the bench: lines of logs, or the files of the last attempts."""
    if mark.outcome is Outcome.PASSED or mark.is_unclaimed:
        return []
    last = {attempt.variant: attempt for attempt in result.attempts}
    variants = dict.fromkeys(group.variant for group in mark.criterion.checks if group.variant in last)
    if lines := [place for variant in variants for place in _lines_of(last[variant], mark, look)]:
        return lines
    if is_alone:
        return []
    return [
        Place(f"{variant.project_folder}: {name}", quote(f"{last[variant].evidence}/{name}"))
        for variant in variants
        for name in _TELLING
        if name in last[variant].files
    ]


def _lines_of(attempt: Attempt, mark: Mark, look: Look) -> list[Place]:
    """Return where the reasons of a mark's checks lead, of one attempt; each reason once."""
    if isinstance(attempt.outcome, Problem):
        return []
    groups = [group for group in mark.criterion.checks if group.variant is attempt.variant]
    served = {group.criterion for group in groups}
    named = {name for group in groups for name in group.must_run}
    checks = (one for one in attempt.outcome.checks if one.criterion in served and (not named or one.name in named))
    by_reason = {check.reason: check for check in reversed(list(checks)) if (attempt.evidence, check.nodeid) in look}
    return [place for check in reversed(by_reason.values()) for place in look[attempt.evidence, check.nodeid]]


def _template(name: str) -> Template:
    return _environment().get_template(name)


@lru_cache(maxsize=1)  # templates are compiled once: rendering is the small part
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__ or ""),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "points": points_text,
        "short_points": short_points,
        "lost_points": lost_points,
        "check_reason": check_reason,
        "word": _WORDS.__getitem__,
        "sign": _SIGNS.__getitem__,
        "who": attrgetter("words"),
    }
    environment.tests |= {"problem": lambda value: isinstance(value, Problem)}
    environment.globals |= {"Variant": Variant, "where_to_look": where_to_look, "style": page_style()}
    return environment


def _full_marks(result: ClassResult) -> int:
    return sum(1 for one in result.results if (one.score.points or 0) >= result.rubric.points)


def _written(result: SubmissionResult) -> dict[str, str]:
    """Return the answers in words, by their name in answers.toml."""
    submission = result.facts.submission
    if isinstance(submission, Problem) or isinstance(submission.answers, Problem):
        return {}
    return dict(submission.answers.written)


def _picture(folder: Path, files: tuple[str, ...]) -> str:
    """Return the flash map as a data URI, or an empty text.

    As an `img`, and not inline, because a browser runs no script of an SVG in an `img`: a partition's name in the
    picture comes from the student's dump.
    """
    for suffix, media_type in _MEDIA_TYPES.items():
        for name in files:
            path = folder / name
            if path.suffix == suffix and path.is_file() and path.stat().st_size <= LARGEST_PICTURE:
                return f"data:{media_type};base64,{base64.b64encode(path.read_bytes()).decode()}"
    return ""
