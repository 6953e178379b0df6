"""`kitbench checks`: what a rubric can ask for, and what a class's rubric does ask for."""

from dataclasses import fields
from pathlib import Path

import click

from kitbench.exit_status import ExitStatus
from kitbench.traffic_rules import TrafficRules

from .hand_in.class_folder import read_settings
from .marking.asked import asked, first_line
from .marking.check_catalogue import KnownCheck, check_rubric, known_checks
from .marking.requirements import REQUIREMENTS
from .marking.rubric import Rubric, read_rubric, rubric_option
from .running.bench import find_suite


@click.command()
@click.argument("class_folder", type=click.Path(path_type=Path), required=False)
@click.option(
    "--rubric",
    type=click.Path(path_type=Path),
    callback=rubric_option,
    help="Rubric (TOML), course_2024 or dump_lab [default: CLASS_FOLDER/rubric.toml].",
)
def command(class_folder: Path | None, rubric: Path | None) -> int:
    """List what a rubric can ask for; with a class folder or a rubric, what that one asks for, for its students.

    \b
    Examples:
        kitbench checks
        kitbench checks --rubric my_rubric.toml

    \b
    Exit status: 0 good, 3 usage, as a rubric that asks for what there is not.
    """  # noqa: D301 - click needs the real backspace
    settings = read_settings(class_folder) if class_folder is not None else None
    own = settings.checks if settings is not None else None
    known = known_checks(find_suite(), *([own] if own is not None else []))
    path = rubric or (settings.rubric if settings is not None else None)
    if class_folder is None and rubric is None:
        click.echo(catalogue_text(known))
        return ExitStatus.GOOD
    chosen = read_rubric(path)
    check_rubric(chosen, known)
    click.echo(rubric_text(chosen, known))
    return ExitStatus.GOOD


def catalogue_text(known: tuple[KnownCheck, ...]) -> str:
    """Return all that a rubric can ask for."""
    lines = ["requires = […]: what was handed in", ""]
    lines += [f"  {name}\n      {first_line(requirement.__doc__)}" for name, requirement in REQUIREMENTS.items()]
    lines += ["", "[[criterion.checks]]: what the kit does on the bench", ""]
    for check in known:
        serves = f"criterion {check.criterion}" if check.criterion else "no criterion"
        lines.append(f"  {check.name}   ({serves}; {', '.join(check.variants)})\n      {check.text}")
    lines += ["", "[traffic]: what is asked of messages, with the usual values", ""]
    usual = TrafficRules()
    lines += [f"  {field.name} = {getattr(usual, field.name)!r}" for field in fields(TrafficRules)]
    return "\n".join(lines)


def rubric_text(rubric: Rubric, known: tuple[KnownCheck, ...]) -> str:
    """Return what a rubric asks for, in words for students: nothing of what is hidden."""
    lines = [rubric.title]
    for criterion in (one for one in rubric.criteria if not one.hidden):
        bonus = ", bonus" if criterion.bonus else ""
        lines += ["", f"{criterion.title} ({criterion.points:g}{bonus}): {criterion.text.strip()}"]
        lines += [f"  - {line}" for line in asked(criterion, rubric, known)]
    return "\n".join(lines)
