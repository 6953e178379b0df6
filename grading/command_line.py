"""`kitbench grade`."""

import os
import threading
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from kitbench.board.board_file import read_board
from kitbench.errors import UsageError
from kitbench.esp_idf_versions import checked_version
from kitbench.exit_status import ExitStatus
from kitbench.extras import Extra, require
from kitbench.installation import reference_project
from kitbench.kit_list import VIRTUAL, stages
from kitbench.spelling import did_you_mean
from kitbench.witness.bench_key import FOLDER as KEYS_FOLDER
from kitbench.witness.key_files import default_identity

from .adjusting.corrections import Corrections
from .export.platform import Export, PlatformFiles
from .hand_in.class_folder import ClassList, read_class, read_settings
from .hand_in.traits import project_prints
from .marking.check_catalogue import check_rubric, known_checks, with_names
from .marking.result import ClassResult
from .marking.rubric import read_rubric, rubric_option, rubric_text
from .marking.witness import WitnessRule, witness_folder
from .records.class_record import class_identity
from .records.gap_list import gap_list
from .records.kept_results import KeptResults, run_digest
from .records.marks_table import fact_lines, legend, marks_table, reasons
from .results_writer import ResultsWriter
from .running.bench import CommandLineBench, board_option, find_suite
from .running.class_run import ClassRun
from .running.generation import generated_class
from .running.interruption import interruptible
from .running.progress import shown_on
from .variant import Variant
from .warm_up import warm_up

_RUNS_A_CORE: Final = 3
#: With as much again to spare, in bytes.
_MEMORY_A_RUN: Final = 512 << 20
_FOLDER = click.Path(path_type=Path)


@click.command()
@click.argument("class_folder", type=_FOLDER)
@click.option("--output", "-o", type=_FOLDER, default=Path("grades"), show_default=True, help="Where the results go.")
@click.option("--roster", type=_FOLDER, help="CSV id,endpoint,certificate_sha256 [default: CLASS_FOLDER/roster.csv]")
@click.option(
    "--rubric",
    type=_FOLDER,
    callback=rubric_option,
    help="Rubric (TOML), or course_2024 [default: CLASS_FOLDER/rubric.toml, else the course's].",
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
@click.option("--again", is_flag=True, help="Run also what has not changed since the last run into OUTPUT.")
@click.option("--grader-key", type=_FOLDER, default=default_identity, help="What opens bundles of `kitbench collect`.")
@click.option("--canvas", type=_FOLDER, help="Gradebook exported from Canvas, to fill in as OUTPUT/canvas.csv.")
@click.option("--canvas-assignment", help="Its assignment, as in the header [default: the class's title].")
@click.option("--blackboard", type=_FOLDER, help="Gradebook from Blackboard's Work Offline, to fill in likewise.")
@click.option("--blackboard-column", help="Its column: title or id [default: the class's title].")
@click.option("--moodle", type=_FOLDER, help="Grading worksheet from Moodle, to fill in as OUTPUT/moodle.csv.")
def command(  # noqa: PLR0913, PLR0917 - click passes one parameter per option
    class_folder: Path,
    output: Path,
    roster: Path | None,
    rubric: Path | None,
    kits: tuple[str, ...],
    board: str | None,
    cloud: str,
    jobs: int | None,
    attempts: int,
    timeout: int,
    budget: int | None,
    esp_aws_iot: Path | None,
    idf: str,
    only: str | None,
    again: bool,  # noqa: FBT001 - click's
    grader_key: Path,
    canvas: Path | None,
    canvas_assignment: str | None,
    blackboard: Path | None,
    blackboard_column: str | None,
    moodle: Path | None,
) -> int:
    """Grade a class folder: a roster.csv and submissions/<id>/ (or <id>.zip, <id>.tar.gz).

    \b
    Example:
        kitbench grade grading/example_class --output grades
        kitbench grade CLASS_FOLDER --kit virtual,/dev/ttyUSB0

    Writes index.html, grades.csv, and for each student a page, results.json (Gradescope) and the evidence.
    A run into the same OUTPUT goes on where the last one ended: what has not changed is not run again.
    With --canvas, --blackboard or --moodle it also fills in the file that you downloaded there.

    \b
    Exit status:
        0  everything is graded, whatever the marks
        2  something is not graded: a gap of the virtual kit, the bench's or the cloud's fault
        3  usage
    """  # noqa: D301 - click needs the real backspace
    kit = ",".join(kits)
    if VIRTUAL in stages(kit):
        require(Extra.VIRTUAL)
    if cloud == "local":
        require(Extra.LOCAL)
    wiring = read_board(board)  # mistakes in it are told now
    console = Console(emoji=False)
    settings = read_settings(class_folder)
    criteria = read_rubric(rubric or settings.rubric)
    suite = find_suite()
    known = known_checks(suite, *([settings.checks] if settings.checks is not None else []))
    check_rubric(criteria, known)
    criteria = with_names(criteria, known)
    if budget is not None:
        criteria = replace(criteria, message_budget=budget)
    if criteria.witness is WitnessRule.ANY_KIT:
        console.print('witness = "required of any kit": dumps of virtual kits count; no mark proves a real kit')
    title = settings.title or criteria.title
    # A kit that is a serial port can be driven by one run at a time.
    side_by_side = (jobs or default_jobs(_cores(), _memory())) if stages(kit)[0] == VIRTUAL else 1
    stop = threading.Event()
    with ExitStack() as stack:
        stack.enter_context(interruptible())
        progress = stack.enter_context(shown_on(console))
        folder = class_folder
        if settings.generate is not None:
            folder = stack.enter_context(generated_class(settings.generate, progress, stop))
        students = read_class(folder, roster=roster)
        entries = tuple(entry for entry, _ in students.entries)
        files = PlatformFiles(canvas, canvas_assignment, blackboard, blackboard_column, moodle)
        exports = files.read(entries, criteria, title)
        text = rubric_text(rubric or settings.rubric)
        writer = ResultsWriter(output, criteria, title, exports, text, known, corrected_in=class_folder)
        writer.prepare(class_identity(title, class_folder))
        checks = {variant: criteria.checks_in(variant) for variant in Variant}
        bench = CommandLineBench(
            kit,
            cloud,
            criteria.message_budget,
            suite,
            checks,
            stop,
            suite_timeout_s=timeout,
            esp_aws_iot=esp_aws_iot,
            idf=checked_version(idf),
            rubric=rubric or settings.rubric,
            own_checks=settings.checks,
            template=settings.template,
            board=board_option(wiring),
        )
        contents = (
            Path(wiring.name) if wiring.name.endswith(".toml") else None,
            suite,
            settings.checks,
            settings.template,
            esp_aws_iot,
            class_folder / KEYS_FOLDER,
        )
        settled = run_digest(contents, checks, kit, cloud, esp_aws_iot, grader_key.is_file(), wiring.name, idf)
        corrections = Corrections.read(class_folder, criteria, (entry.id for entry in entries))
        witnesses = witness_folder(class_folder, grader_key, criteria.witness)
        kept = KeptResults(output, criteria, settled, _named(only, students), again, witnesses.bundles_of)
        run = ClassRun(
            *(title, bench, criteria, output, progress, stop, kit, cloud, side_by_side, attempts),
            kept=kept,
            witnesses=witnesses,
        )
        if VIRTUAL in stages(kit) and any(isinstance(source, Path) for _, source in students.entries):
            warm_up(progress, stop)
        result = run.grade(students, lambda one: writer.write_submission(corrections.applied(one)))
        result = replace(result, results=tuple(map(corrections.applied, result.results)))
        writer.write_class(result)
        writer.write_across(result, project_prints(settings.template or reference_project()))
    _print(result, output, console)
    for export in exports:
        _print_missing(export, result, console)
    return ExitStatus.GOOD if result.is_graded else ExitStatus.CANNOT_JUDGE


def _named(only: str | None, students: ClassList) -> frozenset[str]:
    """Return the ids that --only names.

    Raises:
        UsageError: one is not in the roster.
    """
    known = {entry.id for entry, _ in students.entries}
    named = frozenset(name.strip() for name in only.split(",")) if only is not None else frozenset()
    for name in sorted(named - known):
        raise UsageError(f"--only {name}: {did_you_mean(name, known)}", stage="roster")
    return named


def _print_missing(export: Export, result: ClassResult, console: Console) -> None:
    """Say whose grade an export has no row for."""
    owners = set(export.owners.values())
    missing = [one.student.id for one in result.results if one.student.id not in owners]
    if missing:
        text = f"{export.file}: the file that was given has no row of {', '.join(missing)}"
        console.print(text, markup=False, highlight=False, soft_wrap=True)


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
    for gap in gap_list(result.results):
        plain(f"not graded: the kit's stand-in lacks {gap.feature}: {', '.join(gap.students)}")
    for problem in result.problems:
        plain(f"not graded: {problem}")
    plain(f"{output / 'index.html'}")


def default_jobs(cores: int, memory: int) -> int:
    """Return how many virtual kits are run side by side: a run mostly waits, and takes a quarter of a gigabyte."""
    return max(1, min(_RUNS_A_CORE * cores, memory // _MEMORY_A_RUN))


def _memory() -> int:
    """Return this machine's memory in bytes."""
    if hasattr(os, "sysconf"):
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return 8 << 30


def _cores() -> int:
    """Return on how many cores this process may run."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2
