"""`kitbench run`: one project on a kit, its serial line on this terminal."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from kitbench.bench.builds.variant import check_asked
from kitbench.bench.kits.bench_file import USUAL_FILE, read_bench_file
from kitbench.bench.kits.kit_choice import kits_meant
from kitbench.bench.project_run.attached_session import open_attached_run
from kitbench.bench.project_run.open_run import OpenRun, RunOrder
from kitbench.bench.project_run.surroundings import parse_way
from kitbench.bench.project_run.virtual_session import open_virtual_run
from kitbench.command_line.build import read_overlay
from kitbench.command_line.build_progress import build_progress
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.extras import Extra, require
from kitbench.kit_list import QEMU, VIRTUAL


@click.command()
@click.argument("project", type=click.Path(path_type=Path), default=Path())
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), help="Keep cloud and kit in this folder.")
@click.option("--for", "seconds", type=click.FloatRange(min=0.1), help="Leave after so many seconds.")
@click.option("--kit", default=VIRTUAL, show_default=True, help="virtual, auto, a port, or a name of bench.toml.")
@click.option("-o", "--output", "build_dir", type=click.Path(path_type=Path), help="Keep the build in this folder.")
@click.option("--board", metavar="NAME|FILE.toml", help="What is wired to the virtual kit's pins [default: course].")
@click.option("--variant", help="Take sdkconfig.ci.VARIANT in addition.")
@click.option("--set", "settings", multiple=True, metavar="CONFIG_X=VALUE", help="A Kconfig value; repeatable.")
@click.option("--esp-aws-iot", type=click.Path(path_type=Path), help="A recursive checkout of esp-aws-iot.")
@click.option(
    "--idf", default="", metavar="VERSION", help="Virtual kit: as ESP-IDF 4.4 or 5.1; by default what the project says."
)
@click.option(
    "--lead", multiple=True, metavar="HOST[:PORT]", help="Lead this server to the local core, too; repeatable."
)
@click.option("--bench", metavar="FILE", default=USUAL_FILE, show_default=True, help="Bench description, for --kit.")
def command(  # noqa: PLR0913 - click hands over one argument per option
    *,
    project: Path,
    state: Path | None,
    seconds: float | None,
    kit: str,
    build_dir: Path | None,
    board: str | None,
    variant: str | None,
    settings: tuple[str, ...],
    esp_aws_iot: Path | None,
    idf: str,
    lead: tuple[str, ...],
    bench: str,
) -> int:
    """Build PROJECT as it is, run it, and show its serial line; Ctrl-] leaves, as in idf.py monitor.

    On the virtual kit its AWS endpoint is led to a local IoT core, in which its own certificate is registered.
    What is wrong with the set-up is said beside the line, on standard error, in lines that begin with ---.
    An attached kit runs against the endpoint that the project names.

    \b
    Examples:
      kitbench run my_project                      until Ctrl-]
      kitbench run my_project --state my_cloud     things, certificates and the kit's flash are there next time
      kitbench run my_project --for 20 > log.txt   20 seconds, into a file
      kitbench run my_project --kit /dev/ttyUSB0   built by idf.py, on a real kit

    \b
    Exit status: 0 left or over, 1 the project does not build, 2 the virtual kit lacks something, or kit or core
    failed, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    check_asked(project, variant)
    order = RunOrder(
        project=project,
        build_dir=build_dir,
        state=state,
        variant=variant,
        esp_aws_iot=esp_aws_iot,
        idf=idf,
        settings=read_overlay(None, settings).settings,
        lead=tuple(map(parse_way, lead)),
        board=board,
    )
    with _open(order, kit, bench) as opened:
        _show(opened, seconds)
    return ExitStatus.GOOD


@contextmanager
def _open(order: RunOrder, kit: str, bench: str) -> Iterator[OpenRun]:
    if kit == VIRTUAL:
        require(Extra.VIRTUAL)
        require(Extra.LOCAL)
        with open_virtual_run(order, _say, build_progress) as opened:
            yield opened
        return
    if kit == QEMU:
        raise UsageError("kitbench run has no QEMU", stage="run", fix="--kit virtual; pytest has --kit qemu")
    (choice, *others) = kits_meant(kit, read_bench_file(Path(bench), is_named=bench != USUAL_FILE).kits)
    if others:
        raise UsageError(f"--kit {kit} names {1 + len(others)} kits, kitbench run shows one", stage="run")
    with open_attached_run(order, choice, _say) as opened:
        yield opened


def _show(opened: OpenRun, seconds: float | None) -> None:
    # pyserial and esptool take their time to load; a wrong project is told before.
    from kitbench.bench.project_run.flashing import flash  # noqa: PLC0415
    from kitbench.bench.project_run.monitor import Monitor, open_port  # noqa: PLC0415

    _say(f"flashing the kit on {opened.port}")
    flash(opened.build.folder, opened.port, is_quiet=not sys.stderr.isatty())
    with open_port(opened.port) as port:
        _say("the serial line; Ctrl-] leaves, Ctrl-T Ctrl-H helps")
        Monitor(port, opened.new_remarks, opened.names()).run(seconds)


def _say(line: str) -> None:
    click.echo(f"--- {line}", err=True)
