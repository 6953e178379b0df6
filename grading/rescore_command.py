"""`kitbench rescore`: another rubric for what was measured already, without a kit."""

from dataclasses import dataclass
from pathlib import Path

import click

from kitbench.exit_status import ExitStatus

from .class_record import read_class_record
from .kept_result import Measured, read_kept
from .kept_results import missing_run
from .overrides import read_overrides, with_overrides
from .result import ClassResult, SubmissionResult
from .results_writer import RUBRIC_FILE, ResultsWriter
from .rubric import Rubric, read_rubric

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
@click.option("--rubric", type=_FOLDER, required=True, help="The rubric to score by.")
@click.option("--overrides", type=_FOLDER, help="Marks by hand (TOML), as in CLASS_FOLDER/overrides.toml.")
@click.option("--dry-run", is_flag=True, help="Say what would change, and write nothing.")
def command(results: Path, rubric: Path, overrides: Path | None, *, dry_run: bool) -> int:
    """Score the results of `kitbench grade` by another rubric: points, tolerances, dropped criteria. Nothing is run.

    \b
    Example:
        kitbench rescore grades --rubric new.toml

    Prints a line for each mark that changes, and for each criterion that needs a run which was never made.

    \b
    Exit status:
        0  everything is graded
        2  something is not graded, or needs a run
        3  usage
    """  # noqa: D301 - click needs the real backspace
    record = read_class_record(results)
    new, old = read_rubric(rubric), read_rubric(results / RUBRIC_FILE)
    kept = [one for name in record.students if (one := read_kept(results / "submissions" / name)) is not None]
    by_hand = () if overrides is None else read_overrides(overrides, new, record.students)
    scored = tuple(with_overrides(one.scored(new), by_hand) for one in kept)
    for change in changes(kept, old, new):
        click.echo(str(change))
    needing = [f"{one.facts.student.id}: {why}" for one in kept if (why := missing_run(one, new))]
    lost = [f"{name}: nothing was kept of it" for name in record.students if name not in _ids(scored)]
    for line in [*needing, *lost]:
        click.echo(f"needs a run: {line}")
    result = ClassResult(
        record.title, new, scored, record.started, record.seconds, record.kit, record.cloud, (*record.problems, *lost)
    )
    if not dry_run:
        writer = ResultsWriter(results, new, result.title, rubric_text=rubric.read_text(encoding="utf-8"))
        for submission in scored:
            writer.write_submission(submission)
        writer.write_class(result)
    return ExitStatus.GOOD if result.is_graded and not needing else ExitStatus.CANNOT_JUDGE


def changes(kept: list[Measured], old: Rubric, new: Rubric) -> list[Change]:
    """Return the marks that differ, by student and in the order of the criteria."""
    found: list[Change] = []
    names = list(dict.fromkeys(one.id for rubric in (old, new) for one in rubric.criteria))
    for measured in kept:
        before, after = _points(measured.scored(old)), _points(measured.scored(new))
        found += [
            Change(measured.facts.student.id, name, before.get(name), after.get(name))
            for name in names
            if before.get(name) != after.get(name)
        ]
    return found


def _points(result: SubmissionResult) -> dict[str, float | None]:
    return {mark.criterion.id: mark.points for mark in result.score.marks}


def _ids(results: tuple[SubmissionResult, ...]) -> set[str]:
    return {one.student.id for one in results}


def _shown(points: float | None) -> str:
    return "none" if points is None else f"{points:g}"
