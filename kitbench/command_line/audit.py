"""`kitbench audit`: find a private key in a flash dump, or prove its absence."""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from kitbench.command_line.audit_files import write_result
from kitbench.command_line.audit_hardening import read_port
from kitbench.command_line.audit_order import HTML, JSON, MAP, AuditFiles, AuditOrder, Told, Wanted, carry_out
from kitbench.confinement.confined_call import ConfinedCall
from kitbench.confinement.confined_process import Box, Limits, is_confined
from kitbench.errors import Fault
from kitbench.quoting import rich_markup

#: Of one dump: the largest, of 128 MB, takes eight times what one of 16 MB does (600 MB, 40 s of the processor).
_LIMITS: Final = Limits(seconds=3600, cpu_seconds=1200, memory=8 << 30, file_size=256 << 20, output=64 << 20)
_PATH: Final = click.Path(path_type=Path)


@click.command()
@click.argument("dumps", nargs=-1, type=_PATH, metavar="[DUMP...]")
@click.option("--certificate", "certificates", multiple=True, type=_PATH, help="The device's certificate, PEM or DER.")
@click.option("--other-certificate", "others", multiple=True, type=_PATH, help="A certificate of another device.")
@click.option("--elf", type=_PATH, help="The app's ELF file, for names of addresses.")
@click.option("--efuses", type=_PATH, help="eFuses as JSON: what `kitbench dump` or `espefuse summary` wrote.")
@click.option("--port", metavar="PORT", help="Read the eFuses of the kit on this port; it is restarted.")
@click.option("--build", type=_PATH, help="The build folder, or its sdkconfig: how the firmware is configured.")
@click.option("--hardening", is_flag=True, help="Judge the hardening from what is given; it counts in the exit status.")
@click.option("--secrets", type=_PATH, help="A TOML file of other secrets that must not be in the flash.")
@click.option("--endpoint", default="", help="The host name that the dump's firmware is said to connect to.")
@click.option("--project", type=_PATH, help="The project that the dump is said to run: literals are compared.")
@click.option("--template", type=_PATH, help="What the project was made from [default: the reference project].")
@click.option("--json", "json_file", type=_PATH, help="Write the verdict here; - for standard output.")
@click.option("--html", type=_PATH, help="Write a report here; several DUMPs stand side by side in it.")
@click.option(
    "--map", "map_file", type=_PATH, help="Write a picture of the flash here, PNG; several DUMPs side by side."
)
def command(  # noqa: PLR0913 - one argument per option
    *,
    dumps: tuple[Path, ...],
    certificates: tuple[Path, ...],
    others: tuple[Path, ...],
    elf: Path | None,
    efuses: Path | None,
    port: str | None,
    build: Path | None,
    hardening: bool,
    secrets: Path | None,
    endpoint: str,
    project: Path | None,
    template: Path | None,
    json_file: Path | None,
    html: Path | None,
    map_file: Path | None,
) -> int:
    """Find a private key in flash dumps, or prove its absence; judge how a device is hardened.

    With --efuses, --port, --build or --hardening, each measure of hardening gets a verdict, with what was seen and what
    to do; without a DUMP they alone are judged.

    --certificate and --other-certificate may be repeated. With several DUMPs, --json is about the last one, and the
    exit status is the worst.

    \b
    Example:
      kitbench audit flash.bin --certificate certificate.pem.crt --html report.html
      kitbench audit flash.bin --efuses efuses.json --build build --hardening
      kitbench audit --port /dev/ttyUSB0 --build build

    \b
    Exit status: 0 absent, 1 found, 2 cannot judge (encrypted, truncated, canary
    missed, not a flash dump), 3 usage. Hardening, without a DUMP or with
    --hardening: 0 all pass, 1 any fails, 2 any inconclusive.
    """  # noqa: D301 - click needs the real backspace
    files = AuditFiles(dumps, certificates, others, elf, efuses, build, secrets, project, template)
    items = hardening or port is not None
    wanted = Wanted(json_file is not None, html is not None, map_file is not None, hardening, items)
    fuses = None if port is None else read_port(port, is_all=not dumps and build is None)
    order = AuditOrder(files, wanted, endpoint, fuses)
    with tempfile.TemporaryDirectory(prefix="kitbench-audit-") as name:
        told = _carried_out(replace(order, results=Path(name)))
        for result, place in ((JSON, json_file), (HTML, html), (MAP, map_file)):
            if place is not None:
                write_result((Path(name) / result).read_bytes(), place)
    if json_file != Path("-"):
        console = Console(highlight=False, emoji=False, soft_wrap=True)
        for line in told.lines:
            console.print(line)
    return told.status


def _carried_out(order: AuditOrder) -> Told:
    """Carry an order out in a process that can reach its files alone; in this one where that is such a process."""
    console = Console(stderr=True, highlight=False, emoji=False)
    with console.status("audit") as status:

        def progress(stage: str, done: int, total: int) -> None:
            which = f" of dump {done + 1} of {total}" if total > 1 else ""
            status.update(f"audit{which}: {rich_markup.text(stage)}")

        if is_confined():
            return carry_out(order, progress=progress)
        call = ConfinedCall("what is to be audited", "audit", _box(order), Fault.CALLER, Path.cwd())
        return call.watched(progress, carry_out, order)


def _box(order: AuditOrder) -> Box:
    """Return what an audit may touch; it starts Pythons of its own for file systems in a dump."""
    each = max(len(order.files.dumps), 1)
    return Box(
        replace(_LIMITS, seconds=each * _LIMITS.seconds, cpu_seconds=each * _LIMITS.cpu_seconds),
        readable=order.files.all,
        writable=(order.results,),
        executable=(Path(sys.executable),),
        environment=dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(order.results)),
    )
