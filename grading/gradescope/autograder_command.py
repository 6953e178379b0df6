"""`kitbench autograder`: the grader for Gradescope."""

from pathlib import Path
from typing import Final

import click
from rich.console import Console

from kitbench.exit_status import ExitStatus
from kitbench.witness.bench_key import FOLDER as KEYS_FOLDER

from ..hand_in.class_folder import ROSTER_FILE, read_settings
from ..marking.check_catalogue import check_rubric, known_checks
from ..marking.rubric import read_rubric, rubric_option, rubric_text
from ..records.earlier import Stage
from ..roster import read_roster
from ..running.bench import find_suite
from .container import ROOT, Container
from .folder import Autograder, find_wheel
from .submission_run import grade_submission

_PATH: Final = click.Path(path_type=Path)


@click.group()
def command() -> None:
    """Write a Gradescope autograder for a class; its container runs `kitbench autograder run`.

    \b
    Example:
        uv build --wheel
        kitbench autograder write CLASS_FOLDER -o autograder
        (cd autograder && zip -r ../autograder.zip .)       # upload this: Configure Autograder, Zip file upload

    \b
    Exit status: 0 done, 2 not graded, 3 usage.
    """  # noqa: D301 - click needs the real backspace


@command.command()
@click.argument("class_folder", type=_PATH)
@click.option("--output", "-o", type=_PATH, default=Path("autograder"), show_default=True, help="A new folder.")
@click.option("--roster", type=_PATH, help="[default: CLASS_FOLDER/roster.csv]")
@click.option(
    "--rubric",
    type=_PATH,
    callback=rubric_option,
    help="Rubric (TOML), or course_2024 [default: the class's].",
)
@click.option("--wheel", type=_PATH, help="The wheel of kitbench that is installed there [default: the one in dist/].")
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.ALL.value,
    show_default=True,
    help="audit: dumps and bundles alone; all: projects run on a virtual kit, too.",
)
@click.option("--timeout", type=click.IntRange(10), default=300, show_default=True, help="Seconds for one on-kit run.")
@click.option(
    "--grader-key",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Opens bundles of `kitbench collect` that students hand in: it is then in the hands of Gradescope.",
)
def write(  # noqa: PLR0913, PLR0917 - click passes one parameter per option
    class_folder: Path,
    output: Path,
    roster: Path | None,
    rubric: Path | None,
    wheel: Path | None,
    stage: str,
    timeout: int,
    grader_key: Path | None,
) -> int:
    """Write the folder that is uploaded: setup.sh, run_autograder, the class without its hand-ins, and kitbench.

    \b
    Example:
        kitbench autograder write CLASS_FOLDER -o autograder

    \b
    Exit status: 0 written, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    settings = read_settings(class_folder)
    file = rubric or settings.rubric
    own_checks = [settings.checks] if settings.checks is not None else []
    check_rubric(read_rubric(file), known_checks(find_suite(), *own_checks))
    keys = class_folder / KEYS_FOLDER
    Autograder(
        roster=read_roster(roster or class_folder / ROSTER_FILE),
        rubric=rubric_text(file),
        checks=settings.checks,
        template=settings.template,
        bench_keys=keys if keys.is_dir() else None,
        grader_key=grader_key,
        wheel=find_wheel(wheel),
        settings={"stage": stage, "timeout": timeout, "title": settings.title},
    ).write(output)
    click.echo(f"{output}: upload what is in it as a zip, with setup.sh at its top")
    return ExitStatus.GOOD


@command.command()
@click.option("--root", type=_PATH, default=ROOT, show_default=True, help="Where Gradescope's layout begins.")
def run(root: Path) -> int:
    """Grade what is in Gradescope's container; called by run_autograder.

    \b
    Example:
        kitbench autograder run --root /autograder

    \b
    Exit status: 0 graded, 2 not graded; results/results.json is there in any case.
    """  # noqa: D301 - click needs the real backspace
    is_graded = grade_submission(Container(root), Console(emoji=False))
    return ExitStatus.GOOD if is_graded else ExitStatus.CANNOT_JUDGE
