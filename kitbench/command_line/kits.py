"""`kitbench kits`: the kits on this bench."""

import threading
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kitbench.bench.kits.bench_file import USUAL_FILE
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.kit.scan import ScannedPort, scan
from kitbench.kit.serial_port import AttachedPort, attached_ports, canonical

_FILE: Final = click.Path(path_type=Path, dir_okay=False)


@click.group()
def command() -> None:
    """Find and describe the kits of this bench.

    \b
    Example:
      kitbench kits scan

    \b
    Exit status: of the command below it; 3 usage.
    """  # noqa: D301 - click needs the real backspace


@command.command("scan")
@click.option("--port", "ports", multiple=True, help="Ask this port only, also rfc2217://HOST:PORT; may be repeated.")
@click.option("--write", is_flag=True, help="Write what was found into the bench description.")
@click.option("--bench", type=_FILE, default=Path(USUAL_FILE), show_default=True, help="The bench description.")
def scan_command(*, ports: tuple[str, ...], write: bool, bench: Path) -> int:
    """Find every ESP32 attached: chip, MAC, flash size, USB place; and what could not be opened, and why.

    Each kit is restarted once, and not changed. --write names new kits kit1, kit2 … in bench.toml, and gives a kit that
    it knows by its MAC the port at which it is now; everything else in the file stays.

    \b
    Example:
      kitbench kits scan --write

    \b
    Exit status: 0 every port that may have a kit has one, 1 one of them has none that answers, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    chosen = [AttachedPort(canonical(port), "named") for port in ports] or [
        one for one in attached_ports() if one.bridge
    ]
    if not chosen:
        raise UsageError(
            "no port of this machine has a kit's USB bridge", stage="kit", mend="plug one in, or --port PORT"
        )
    found = _scan(chosen)
    for one in found:
        click.echo(_line(one))
    if write:
        _write(bench, found)
    return ExitStatus.GOOD if all(one.identity for one in found) else ExitStatus.FOUND_OR_FAILED


def _scan(ports: list[AttachedPort]) -> list[ScannedPort]:
    columns = (TextColumn("asking {task.description}"), BarColumn(), MofNCompleteColumn())
    lock = threading.Lock()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("ports", total=len(ports))

        def heard(_one: ScannedPort) -> None:
            with lock:
                bar.advance(task)

        return scan(ports, on_answer=heard)


def _line(one: ScannedPort) -> str:
    """Return a port's line: one fact after the other, for eyes and for grep."""
    place = f" at USB {one.port.location}" if one.port.location else ""
    if one.identity is None:
        return f"{one.port.device} ({one.port.bridge}){place}: no kit: {one.reason}"
    kit = one.identity
    burnt = f", {' and '.join(kit.protections)} for ever" if kit.protections else ""
    return (
        f"{one.port.device} ({one.port.bridge}){place}: {kit.chip}, MAC {kit.mac}, flash {kit.flash_size or '?'}{burnt}"
    )


def _write(bench: Path, found: list[ScannedPort]) -> None:
    # tomlkit is loaded only where something is written.
    from kitbench.bench.kits.bench_file_update import with_scanned_kits  # noqa: PLC0415

    try:
        text = bench.read_text(encoding="utf-8") if bench.exists() else ""
        updated, changes = with_scanned_kits(text, found)
        if updated != text:
            beside = bench.with_name(f".{bench.name}.new")
            beside.write_text(updated, encoding="utf-8")
            beside.replace(bench)
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot write {bench}: {error}", stage="options") from error
    for change in changes:
        click.echo(f"{bench}: {change}")
