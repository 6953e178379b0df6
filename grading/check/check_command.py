"""`kitbench check`: the grader's checks of one's own work, before it is handed in."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from kitbench.board.board_file import read_board
from kitbench.errors import UsageError
from kitbench.esp_idf_versions import checked_version
from kitbench.exit_status import ExitStatus
from kitbench.extras import Extra, require
from kitbench.kit_list import VIRTUAL, stages

from ..hand_in.litter import CHECK_OUTPUT
from ..marking.rubric import rubric_option
from ..running.bench import CommandLineBench, board_option, find_suite
from ..running.interruption import interruptible
from ..running.progress import shown_on
from ..variant import Variant
from .checked import Checked
from .handed_out import read_handed_out
from .own_check import check
from .own_entry import OwnEntry, given_entry
from .printout import lines, paragraphs, summary
from .record import FILE, NOTICE, claim_folder, record, write_record
from .standing import Standing

_PATH = click.Path(path_type=Path)


@click.command()
@click.argument("folder", type=_PATH, default=Path())
@click.option(
    "--rubric",
    type=_PATH,
    callback=rubric_option,
    help="The rubric that was handed out, course_2024 or dump_lab [default: the course's own].",
)
@click.option("--checks", type=_PATH, help="The class's own checks [default: checks/ beside the rubric].")
@click.option("--only", multiple=True, metavar="CRITERION", help="Check this criterion alone; may be repeated.")
@click.option("--kit", default=VIRTUAL, show_default=True, help="virtual, or your own kit: a port, auto, a name.")
@click.option("--board", metavar="NAME|FILE.toml", help="What is wired to the kit's pins [default: course].")
@click.option("--endpoint", help="The endpoint that the course gave you [default: what answers.toml says].")
@click.option("--certificate-sha256", help="The digest that the course registered [default: of the certificate here].")
@click.option("--esp-aws-iot", type=_PATH, help="Recursive checkout of esp-aws-iot, for projects that use it.")
@click.option("--idf", default="", metavar="VERSION", help="ESP-IDF 4.4 or 5.1 [default: what the project says].")
@click.option("--output", "-o", type=_PATH, help=f"Record and logs go here [default: FOLDER/{CHECK_OUTPUT}].")
@click.option("--timeout", type=click.IntRange(10), default=300, show_default=True, help="Seconds for one on-kit run.")
def command(  # noqa: PLR0913, PLR0917 - click passes one parameter per option
    folder: Path,
    rubric: Path | None,
    checks: Path | None,
    only: tuple[str, ...],
    kit: str,
    board: str | None,
    endpoint: str | None,
    certificate_sha256: str | None,
    esp_aws_iot: Path | None,
    idf: str,
    output: Path | None,
    timeout: int,
) -> int:
    """Check your own work as the grader will, offline: FOLDER is what you hand in, as far as it is there already.

    \b
    Example:
        kitbench check
        kitbench check my_project --rubric rubric.toml --only traffic

    For each criterion it says whether it is kept, lost, or not shown yet, and what to do. A bare project is enough.

    \b
    Exit status:
        0  everything that was checked is kept
        1  something is lost
        2  nothing is lost, but something is not shown yet
        3  usage
    """  # noqa: D301 - click needs the real backspace
    if VIRTUAL in stages(kit):
        require(Extra.VIRTUAL)
    require(Extra.LOCAL)
    if not folder.exists():
        raise UsageError(f"{folder} is not there", stage="check", fix="name the folder or archive to hand in")
    wiring, version = read_board(board), checked_version(idf)  # mistakes in them are told now
    given = _given(endpoint, certificate_sha256)
    suite = find_suite()
    handed_out = read_handed_out(rubric, checks, only, suite)
    results = output or (folder if folder.is_dir() else Path()) / CHECK_OUTPUT
    claim_folder(results)
    bench = CommandLineBench(
        *(kit, "local", handed_out.rubric.message_budget, suite),
        {variant: handed_out.rubric.checks_in(variant) for variant in Variant},
        suite_timeout_s=timeout,
        esp_aws_iot=esp_aws_iot,
        idf=version,
        board=board_option(wiring),
        rubric=rubric,
        own_checks=handed_out.checks,
        template=handed_out.template,
    )
    console = Console()
    with interruptible(), shown_on(console) as progress:
        checked = _until_interrupted(
            lambda: check(folder, given, handed_out, bench, results, partial(progress.show, "check")), bench.stop
        )
    write_record(results, record(checked, rubric_text=handed_out.text, kit=kit))
    _print(checked, results, console)
    return _status(checked)


def _given(endpoint: str | None, certificate_sha256: str | None) -> OwnEntry:
    try:
        return given_entry(endpoint, certificate_sha256)
    except ValueError as error:
        raise UsageError(str(error), stage="check") from error


def _until_interrupted(work: Callable[[], Checked], stop: threading.Event) -> Checked:
    """Do it in a thread, so that Ctrl-C is heard at once, and ends what runs."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(work)
        try:
            while wait([future], timeout=0.2).not_done:
                pass
        except KeyboardInterrupt:
            stop.set()
            raise
    return future.result()


def _print(checked: Checked, results: Path, console: Console) -> None:
    """Print how everything stands, and where to read on."""
    plain = partial(console.print, markup=False, highlight=False)
    if console.is_terminal:
        for text, style in paragraphs(checked.standings):
            plain(text, style=style or None)
    else:
        for text in lines(checked.standings):
            plain(text, soft_wrap=True)
    for note in checked.notes:
        plain(f"note: {note}", soft_wrap=not console.is_terminal)
    plain(summary(checked.standings), style="bold")
    plain(f"{results / FILE}: {NOTICE}", soft_wrap=True)


def _status(checked: Checked) -> ExitStatus:
    standings = {one.standing for one in checked.standings}
    if Standing.LOST in standings:
        return ExitStatus.FOUND_OR_FAILED
    return ExitStatus.CANNOT_JUDGE if Standing.NOT_SHOWN in standings else ExitStatus.GOOD
