"""`kitbench rubric`: the rubric of a class, or the copy of it that students get."""

from pathlib import Path

import click

from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus

from ..hand_in.class_folder import read_settings
from ..marking.check_catalogue import check_rubric, known_checks
from ..marking.rubric import read_rubric, rubric_option, rubric_text
from ..running.bench import find_suite
from .public_rubric import public_rubric

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("class_folder", type=_PATH, required=False)
@click.option(
    "--rubric",
    type=_PATH,
    callback=rubric_option,
    help="Rubric (TOML), course_2024 or dump_lab [default: CLASS_FOLDER/rubric.toml, else the course's].",
)
@click.option("--public", is_flag=True, help="Leave out what is `hidden = true`, and all comments.")
@click.option("--output", "-o", type=_PATH, help="Write it here [default: standard output].")
def command(class_folder: Path | None, rubric: Path | None, output: Path | None, *, public: bool) -> int:
    """Print a rubric; with --public the copy to hand out, by which students check their own work.

    \b
    Example:
        kitbench rubric CLASS_FOLDER --public -o rubric.toml

    \b
    Exit status: 0 good, 3 usage, as a rubric that asks for what there is not.
    """  # noqa: D301 - click needs the real backspace
    settings = read_settings(class_folder) if class_folder is not None else None
    path = rubric or (settings.rubric if settings is not None else None)
    own = settings.checks if settings is not None else None
    check_rubric(read_rubric(path), known_checks(find_suite(), *([own] if own is not None else [])))
    text = public_rubric(rubric_text(path)) if public else rubric_text(path)
    if output is None:
        click.echo(text, nl=False)
        return ExitStatus.GOOD
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {output}: {error.strerror}", stage="rubric") from error
    return ExitStatus.GOOD
