"""`kitbench doctor`: is this bench fit to grade?"""

import json
import time
from functools import partial
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kitbench.bench.kits.bench_file import USUAL_FILE, BenchFile, read_bench_file
from kitbench.bench.kits.kit_choice import ALL, STARTED, kits_meant
from kitbench.command_line.rehearsal_progress import rehearsal_progress
from kitbench.doctor import bench_description, cloud_account, confinement, hardening, installation, not_shown, port
from kitbench.doctor.check import Check, Line, State, run_checks
from kitbench.doctor.fitness import fitness
from kitbench.doctor.kit import look_at
from kitbench.doctor.rehearsal import lines_of
from kitbench.errors import UsageError
from kitbench.extras import Extra
from kitbench.kit_list import QEMU, VIRTUAL

_EPILOG: Final = """\b
Examples:
  kitbench doctor --kit auto --cloud aws
  kitbench doctor --kit all                  the rehearsal before an evening of grading
\b
Exit status:
  0  fit, warnings or not
  1  something fails; its line says what fixes it
  3  usage
"""

#: The cloud where nobody names one.
LOCAL: Final = "local"
COLOURS: Final = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red"}


@click.command(name="doctor", epilog=_EPILOG)
@click.option("--kit", help="auto, virtual, qemu, ports, names of bench.toml, all: whose lines to look at.")
@click.option("--cloud", type=click.Choice(["local", "aws"]), help="Which cloud.")
@click.option("--bench", metavar="FILE", default=USUAL_FILE, show_default=True, help="Bench description.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array, for CI.")
@click.option("--hardening", is_flag=True, help="Judge by their eFuses how hard attached kits are to take apart.")
@click.option(
    "--rehearse/--no-rehearse",
    "is_rehearsed",
    default=None,
    help="Flash, connect and dump each kit with the bench's own firmware [default: with --kit all].",
)
def command(  # noqa: PLR0913 - one argument per option
    *, kit: str | None, cloud: str | None, bench: str, as_json: bool, hardening: bool, is_rehearsed: bool | None
) -> int:
    """Look at everything that a run needs, and change nothing: each line is ok, warn or fail, with what fixes it.

    Kit and cloud are those of the bench description, else the virtual kit and the local cloud. A kit that is looked
    at is restarted, unless a run owns it. The last line says what the bench is fit for, and what not.

    Only the rehearsal changes kits: their flash is written over, all side by side, with one build for all that are
    alike. Each has to connect to the cloud, and to give the same app back in a dump.
    """
    lines = run_checks([*checks(kit, cloud, Path(bench)), *(hardening_checks(kit, Path(bench)) if hardening else [])])
    if kit == ALL if is_rehearsed is None else is_rehearsed:
        lines += rehearsal_lines(kit, cloud, Path(bench))
    if as_json:
        click.echo(json.dumps([line.to_json() for line in lines], indent=1))
    else:
        click.echo(screen(lines), nl=False)
    return int(any(line.state is State.FAIL for line in lines))


def checks(kit: str | None, cloud: str | None, path: Path) -> list[tuple[str, Check]]:
    """Return the checks for a kit and a cloud, in the order of the screen."""
    chosen: list[tuple[str, Check]] = [
        ("python", installation.python),
        ("packages", installation.packages),
        ("ESP-IDF", installation.esp_idf),
        ("build sandbox", installation.build_sandbox),
        ("confinement", confinement.confinement),
    ]
    try:
        bench = read_bench_file(path, is_named=path != Path(USUAL_FILE))
    except UsageError as error:
        chosen.append(("bench.toml", partial(Line, "bench.toml", State.FAIL, error.message, error.fix)))
        bench = BenchFile()
    else:
        chosen.append(("bench.toml", partial(bench_description.description, bench)))
    kit = kit or bench.kit or VIRTUAL
    cloud = cloud or bench.cloud
    needed = [Extra.VIRTUAL] * (kit == VIRTUAL) + [Extra.LOCAL] * (cloud != "aws")
    chosen.insert(2, ("extras", partial(installation.extras, *needed)))
    chosen.insert(3, ("audit", installation.window_kernel))
    chosen.insert(5, ("QEMU", partial(installation.qemu, is_kit=kit == QEMU)))
    if kit not in STARTED:
        chosen += [("Wi-Fi", partial(bench_description.wifi, bench)), ("serial ports", port.ports)]
        chosen += kit_checks(kit, bench)
        led = partial(not_shown.relay, bench.relay) if bench.relay is not None else not_shown.hostile_endpoints
        chosen.append(("not graded here", led))
    if cloud == "aws":
        chosen += cloud_checks(bench)
        chosen += [("not graded here", not_shown.attempts)] if kit != VIRTUAL and bench.relay is None else []
    return chosen


def kit_checks(kit: str, bench: BenchFile) -> list[tuple[str, Check]]:
    """Return a check for each kit that `--kit` means."""
    try:
        kits = kits_meant(kit, bench.kits)
    except UsageError as error:
        return [("kit", partial(Line, "kit", State.FAIL, error.message, error.fix))]
    return [("kit", partial(look_at, one)) for one in kits]


def rehearsal_lines(kit: str | None, cloud: str | None, path: Path) -> list[Line]:
    """Rehearse the kits that `--kit` means, with progress on standard error; return a line for each."""
    # pyserial, the build tools and MQTT are loaded only where kits are rehearsed.
    from kitbench.bench.rehearsal.rehearse import Rehearsal  # noqa: PLC0415

    began = time.monotonic()
    try:
        bench = read_bench_file(path, is_named=path != Path(USUAL_FILE))
        rehearsal = Rehearsal(_rehearsable(kit or bench.kit or VIRTUAL), cloud or bench.cloud or LOCAL, bench, path)
        with rehearsal_progress() as report:
            kits = rehearsal.run(report)
    except UsageError as error:
        return [Line("rehearsal", State.FAIL, error.message, error.fix)]
    return lines_of(kits, time.monotonic() - began)


def _rehearsable(kit: str) -> str:
    if kit in STARTED:
        raise UsageError(f"--kit {kit} is started by each run", stage="rehearsal", fix="--kit all, names or ports")
    return kit


def hardening_checks(kit: str | None, path: Path) -> list[tuple[str, Check]]:
    """Return a check of the eFuses of each attached kit that `--kit` means."""
    bench = read_bench_file(path, is_named=path != Path(USUAL_FILE))
    kit = kit or bench.kit or VIRTUAL
    if kit in STARTED:
        return [("hardening", hardening.nothing_attached)]
    return [("hardening", partial(hardening.lines, one)) for one in kits_meant(kit, bench.kits)]


def cloud_checks(bench: BenchFile) -> list[tuple[str, Check]]:
    """Return the checks of the AWS account."""
    return [
        ("AWS identity", cloud_account.identity),
        ("AWS rights", cloud_account.rights),
        ("cloud", cloud_account.reachable),
        ("clock", cloud_account.clock),
        ("leftovers", cloud_account.leftovers),
        ("budget", partial(bench_description.budget, bench)),
        ("this month", cloud_account.usage),
    ]


def screen(lines: list[Line]) -> str:
    """Return what to print, a line per fact in a pipe; where the terminal has no arrow there is a question mark."""
    console = Console()
    with console.capture() as captured:
        console.print(table(lines) if console.is_terminal else Text("\n".join(map(line_text, lines))), soft_wrap=True)
        console.print(Text(fitness(lines), "bold"), soft_wrap=not console.is_terminal)
    return captured.get().encode(console.encoding, "replace").decode(console.encoding)


def line_text(line: Line) -> str:
    """Return a line as text, for `grep`."""
    return f"{line.state:4} {line.subject}: {line.detail}" + (f" → {line.fix}" if line.fix else "")


def table(lines: list[Line]) -> Table:
    """Return the lines as a table."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for line in lines:
        # As text: rich would take "[wifi]" for a colour, and what is no colour for a mistake.
        words = (line.subject, line.detail, f"→ {line.fix}" if line.fix else "")
        table.add_row(Text(f"{line.state:4}", COLOURS[line.state]), *map(Text, words))
    return table
