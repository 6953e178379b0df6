"""`kitbench rescore`: another rubric for what was measured already, without a kit."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from kitbench.errors import Fault
from kitbench.exit_status import ExitStatus

from .adjusting.corrections import Corrections
from .adjusting.overrides import FILE as OVERRIDES
from .adjusting.overrides import Override
from .judgement import Problem
from .marking.check_catalogue import check_rubric, with_names
from .marking.result import ClassResult, SubmissionResult
from .marking.rubric import Rubric, read_rubric, rubric_option
from .records.class_record import ClassRecord, read_class_record
from .records.kept_result import Measured, read_kept
from .records.kept_results import missing_run
from .results_writer import RUBRIC_FILE, ResultsWriter
from .roster import RosterEntry
from .running.submission_run import ungraded

_FOLDER = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Change:
    """A mark that another rubric changes; a criterion that one of them lacks has None."""

    student: str
    criterion: str
    before: float | None
    after: float | None

    def __str__(self) -> str:
        return f"{self.student} {self.criterion}: {_shown(self.before)} -> {_shown(self.after)}"


@click.command()
@click.argument("results", type=_FOLDER)
@click.option("--rubric", type=_FOLDER, required=True, callback=rubric_option, help="The rubric to score by.")
@click.option("--overrides", type=_FOLDER, help="Marks by hand (TOML) [default: those of the last run].")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
def command(results: Path, rubric: Path, overrides: Path | None, *, dry_run: bool) -> int:
    """Score the results of `kitbench grade` by another rubric: points, tolerances, dropped criteria. Nothing is run.

    \b
    Example:
        kitbench rescore grades --rubric new.toml

    Prints a line for each mark that changes. Where the rubric has other rules for the run itself (traffic, budget,
    witness) it says whose run is missing, and writes nothing; a check that was never run is not graded.

    \b
    Exit status:
        0  everything is graded
        2  something is not graded, or needs a run
        3  usage
    """  # noqa: D301 - click needs the real backspace
    record = read_class_record(results)
    old = read_rubric(results / RUBRIC_FILE)
    new = _complete(read_rubric(rubric), old, record)
    corrections = Corrections.read(results, new, record.students, overrides=overrides)
    kept = {name: read_kept(results / "submissions" / name) for name in record.students}
    measured = [one for one in kept.values() if one is not None]
    for change in changes(measured, _complete(old, old, record), new, corrections.by_hand):
        click.echo(str(change))
    for line in _lateness_changes(measured, Corrections.read(results, old, record.students), corrections):
        click.echo(line)
    needing = [f"{one.facts.student.id}: {why}" for one in measured if (why := missing_run(one, new))]
    for line in needing:
        click.echo(f"needs a run: {line}; nothing is written")
    for name in (name for name, one in kept.items() if one is None):
        click.echo(f"needs a run: {name}: nothing was kept of it")
    scored = tuple(_scored(name, one, corrections) for name, one in kept.items())
    result = ClassResult(
        record.title, new, scored, record.started, record.seconds, record.kit, record.cloud, record.problems
    )
    if not dry_run and not needing:
        _write(results, rubric, result, record, overrides)
    return ExitStatus.GOOD if result.is_graded and not needing else ExitStatus.CANNOT_JUDGE


def _complete(rubric: Rubric, old: Rubric, record: ClassRecord) -> Rubric:
    """Return a rubric with the names of the checks that were there, and the budget that --budget gave the runs.

    Raises:
        UsageError: it asks for a check that there was not.
    """
    check_rubric(rubric, record.checks)
    if rubric.message_budget == old.message_budget:
        rubric = replace(rubric, message_budget=record.message_budget)
    return with_names(rubric, record.checks)


def _scored(name: str, measured: Measured | None, corrections: Corrections) -> SubmissionResult:
    if measured is not None:
        return corrections.applied(measured.scored(corrections.rubric))
    nobody = RosterEntry(name, "unknown", "0" * 64)
    return ungraded(corrections.rubric, nobody, Problem(Fault.CALLER, "select", "nothing was kept of it: grade it"))


def _write(results: Path, rubric: Path, result: ClassResult, record: ClassRecord, overrides: Path | None) -> None:
    text = rubric.read_text(encoding="utf-8")
    if overrides is not None:
        (results / OVERRIDES).write_bytes(overrides.read_bytes())
    writer = ResultsWriter(results, result.rubric, result.title, (), text, record.checks)
    for submission in result.results:
        writer.write_submission(submission)
    writer.write_class(result)
    for name in ("canvas.csv", "moodle.csv"):
        if (results / name).exists():
            click.echo(f"{results / name} holds the marks of before: make it anew with kitbench grade")


def changes(kept: list[Measured], old: Rubric, new: Rubric, by_hand: Sequence[Override] = ()) -> list[Change]:
    """Return the marks that differ, by student and in the order of the criteria; those by hand stay as they are."""
    given = {(one.student, one.criterion) for one in by_hand}
    found: list[Change] = []
    names = list(dict.fromkeys(one.id for rubric in (old, new) for one in rubric.criteria))
    for measured in kept:
        before, after = _points(measured.scored(old)), _points(measured.scored(new))
        found += [
            Change(measured.facts.student.id, name, before.get(name), after.get(name))
            for name in names
            if before.get(name) != after.get(name) and (measured.facts.student.id, name) not in given
        ]
    return found


def _lateness_changes(kept: Sequence[Measured], old: Corrections, new: Corrections) -> list[str]:
    """Return a line for each student whom being late costs other points than before."""
    lines = []
    for measured in kept:
        before, after = (one.applied(measured.scored(one.rubric)).score.deduction for one in (old, new))
        if before != after:
            lines.append(f"{measured.facts.student.id} late: {_lost(before)} -> {_lost(after)}")
    return lines


def _lost(points: float) -> str:
    """Return a deduction in words; a whole hand-in that came too late has no number."""
    return "everything" if math.isinf(points) else f"{-points or 0.0:g}"


def _points(result: SubmissionResult) -> dict[str, float | None]:
    return {mark.criterion.id: mark.points for mark in result.score.marks}


def _shown(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"
