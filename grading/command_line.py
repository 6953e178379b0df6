"""`kitbench grade`."""

from functools import partial
from pathlib import Path
from typing import Any, Final

import click
from rich.console import Console

from kitbench.exit_status import ExitStatus
from kitbench.witness.key_files import default_identity

from .desk.class_desk import graded
from .desk.grade_options import GradeOptions
from .marking.result import ClassResult
from .marking.rubric import rubric_option
from .records.earlier import Stage
from .records.gap_list import gap_list
from .records.marks_table import fact_lines, legend, marks_table, reasons
from .statistics.statistics import statistics_lines, statistics_of

_FOLDER: Final = click.Path(path_type=Path)


@click.command()
@click.argument("class_folder", type=_FOLDER)
@click.option("--output", "-o", type=_FOLDER, default=Path("grades"), show_default=True, help="Where the results go.")
@click.option("--roster", type=_FOLDER, help="CSV id,endpoint,certificate_sha256 [default: CLASS_FOLDER/roster.csv]")
@click.option(
    "--rubric",
    type=_FOLDER,
    callback=rubric_option,
    help="Rubric (TOML), course_2024 or dump_lab [default: CLASS_FOLDER/rubric.toml, else the course's].",
)
@click.option(
    "--kit",
    "kits",
    multiple=True,
    metavar="KITS",
    default=("virtual",),
    show_default=True,
    help="virtual, qemu, auto, ports, names; repeated or with commas: where one lacks something, the next one grades.",
)
@click.option(
    "--bench", type=_FOLDER, metavar="FILE", help="Bench description, with the kits' names [default: bench.toml]."
)
@click.option("--board", metavar="NAME|FILE.toml", help="What is wired to the kits' pins [default: course].")
@click.option("--cloud", type=click.Choice(["local", "aws"]), default="local", show_default=True)
@click.option(
    "--jobs",
    "-j",
    type=click.IntRange(1, 64),
    help="Submissions side by side [default: three a core, as runs mostly wait].",
)
@click.option(
    "--attempts", type=click.IntRange(1, 5), default=2, show_default=True, help="Runs that bench or cloud spoilt."
)
@click.option("--timeout", type=click.IntRange(10), default=300, show_default=True, help="Seconds for one on-kit run.")
@click.option("--budget", type=click.IntRange(1), help="Metered units for one on-kit run [default: the rubric's].")
@click.option("--esp-aws-iot", type=_FOLDER, help="Recursive checkout of esp-aws-iot, for projects that use it.")
@click.option(
    "--idf", default="", metavar="VERSION", help="ESP-IDF 4.4 or 5.1 for all projects [default: what each says]."
)
@click.option("--only", metavar="IDS", help="Grade these students (s07,s12); the others' results stay as they are.")
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.ALL.value,
    callback=lambda _context, _option, value: Stage(value),
    show_default=True,
    help="audit: only the dumps, without a kit; what kits showed before stays, and is run later where it is missing.",
)
@click.option("--again", is_flag=True, help="Run also what has not changed since the last run into OUTPUT.")
@click.option("--anonymous", is_flag=True, help="Pseudonyms in place of names, but in what goes to learning platforms.")
@click.option("--grader-key", type=_FOLDER, default=default_identity, help="What opens bundles of `kitbench collect`.")
@click.option("--canvas", type=_FOLDER, help="Gradebook exported from Canvas, to fill in as OUTPUT/canvas.csv.")
@click.option("--canvas-assignment", help="Its assignment, as in the header [default: the class's title].")
@click.option("--blackboard", type=_FOLDER, help="Gradebook from Blackboard's Work Offline, to fill in likewise.")
@click.option("--blackboard-column", help="Its column: title or id [default: the class's title].")
@click.option("--moodle", type=_FOLDER, help="Grading worksheet from Moodle, to fill in as OUTPUT/moodle.csv.")
def command(**options: Any) -> int:
    """Grade a class folder: a roster.csv and submissions/<id>/ (or <id>.zip, <id>.tar.gz).

    \b
    Example:
        kitbench grade grading/example_class --output grades
        kitbench grade CLASS_FOLDER --kit virtual,/dev/ttyUSB0
        kitbench grade CLASS_FOLDER --kit all

    With several attached kits the next submissions are built while others run; a kit that fails is put aside, its
    submission goes on elsewhere, and OUTPUT has the schedule, schedule.svg.

    \b
    Without a kit, and later with one, into the same results:
        kitbench grade CLASS_FOLDER --stage audit
        kitbench grade CLASS_FOLDER --kit /dev/ttyUSB0

    Writes index.html, grades.csv, and for each student a page, results.json (Gradescope) and the evidence.
    A run into the same OUTPUT goes on where the last one ended: what has not changed is not run again.
    With --canvas, --blackboard or --moodle it also fills in the file that you downloaded there.

    \b
    Exit status:
        0  everything is graded, whatever the marks
        2  something is not graded: a gap of the virtual kit, the bench's or the cloud's fault
        3  usage
    """  # noqa: D301 - click needs the real backspace
    console = Console(emoji=False)
    asked = GradeOptions(**options)
    done = graded(asked, console)
    _print(done.result, asked.output, console)
    for file, students in done.missing.items():
        if students:
            text = f"{file}: the file that was given has no row of {', '.join(students)}"
            console.print(text, markup=False, highlight=False, soft_wrap=True)
    return ExitStatus.GOOD if done.result.is_graded else ExitStatus.CANNOT_JUDGE


def _print(result: ClassResult, output: Path, console: Console) -> None:
    """Print the marks, and where to read on."""
    plain = partial(console.print, markup=False, highlight=False, soft_wrap=True)
    if console.is_terminal:
        console.print(marks_table(result, console.width))
        plain(legend(result, console.width), end="\n\n")
        for paragraph in reasons(result):
            console.print(paragraph)
    else:
        for line in fact_lines(result):
            plain(line)
    for line in statistics_lines(statistics_of(result)):
        plain(line)
    for gap in gap_list(result.results):
        plain(f"not graded: the kit's stand-in lacks {gap.feature}: {', '.join(gap.students)}")
    for problem in result.problems:
        plain(f"not graded: {problem}")
    plain(f"{output / 'index.html'}")
