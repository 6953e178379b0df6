"""`kitbench kits`: the kits on this bench."""

import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from kitbench.bench.kits.bench_file import USUAL_FILE, read_bench_file
from kitbench.bench.kits.kit_choice import ALL, AUTO, kits_meant, names_meant
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.kit.scan import ScannedPort, scan
from kitbench.kit.serial_port import AttachedPort, attached_ports, canonical, is_reachable

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
    """Find every ESP32 attached: USB place, bridge, chip, MAC, flash size, secure element; what answers not, and why.

    Asked are the ports with a kit's USB bridge and those that bench.toml names, side by side, each for 40 s at most.
    Kits are restarted and not changed; one that a run has is left alone. The secure element is told by its firmware
    (the atecc608a variant), if that is on the kit. --write names new kits kit1, kit2 … in bench.toml, and gives a kit
    that it knows by its MAC the port at which it is now; everything else in the file stays.

    \b
    Example:
      kitbench kits scan --write

    \b
    Exit status: 0 every port that may have a kit has one, 1 one of them has none that answers, 3 usage.
    """  # noqa: D301 - click needs the real backspace
    chosen, others = kit_ports(bench) if not ports else ([AttachedPort(canonical(port), "named") for port in ports], [])
    if not chosen:
        raise UsageError(
            "no port of this machine has a kit's USB bridge", stage="kit", fix="plug one in, or --port PORT"
        )
    found = scan_with_progress(chosen)
    for one in found:
        click.echo(_line(one))
    for port in others:
        click.echo(f"{port.device}: not asked: no kit's USB bridge → kitbench kits scan --port {port.device}")
    click.echo(f"{sum(one.identity is not None for one in found)} of {len(found)} ports have a kit that answers")
    if write:
        _write(bench, found)
    return ExitStatus.GOOD if all(one.identity for one in found) else ExitStatus.FOUND_OR_FAILED


@command.command("list")
@click.option("--kit", default=ALL, show_default=True, help="all, auto, names of the bench description, ports.")
@click.option("--bench", type=_FILE, default=Path(USUAL_FILE), show_default=True, help="The bench description.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def list_command(*, kit: str, bench: Path, as_json: bool) -> int:
    """Say which kits a list means, as --kit of the other commands takes it; no kit is asked.

    \b
    Example:
      kitbench kits list --kit red,blue

    \b
    Exit status: 0 all of them are described, whether they are there or not; 3 usage.
    """  # noqa: D301 - click needs the real backspace
    described = read_bench_file(bench, is_named=bench != Path(USUAL_FILE)).kits
    kits = kits_meant(kit, described, with_lab=True)
    names = [kits[0].port] if kit == AUTO else names_meant(kit, described)
    rows = [
        {
            "name": name,
            "kind": one.kind,
            "port": one.port,
            "mac": one.mac,
            "is_there": bool(one.lab) or is_reachable(one.port),
        }
        for name, one in zip(names, kits, strict=True)
    ]
    text = json.dumps(rows) if as_json else "\n".join(map(_listed, rows))
    click.echo(text)
    return ExitStatus.GOOD


def _listed(row: Mapping[str, object]) -> str:
    words = (str(row[key]) for key in ("name", "kind", "port", "mac") if row[key])
    return "  ".join([*words, *([] if row["is_there"] else ["not there"])])


def kit_ports(bench: Path) -> tuple[list[AttachedPort], list[AttachedPort]]:
    """Return the ports that may have a kit, by their bridge or since the bench's file says so, and the others."""
    attached = attached_ports()
    named = {canonical(kit.port): name for name, kit in read_bench_file(bench, is_named=False).kits.items() if kit.port}
    bridges = [one for one in attached if one.bridge or one.device in named]
    known = {os.path.realpath(one.device) for one in bridges}
    elsewhere = [
        AttachedPort(port, name) for port, name in named.items() if "://" in port or os.path.realpath(port) not in known
    ]
    return [*bridges, *elsewhere], [one for one in attached if one not in bridges]


def scan_with_progress(ports: list[AttachedPort]) -> list[ScannedPort]:
    """Return what is on each port; a bar on standard error says how many have answered."""
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
        fix = f"kitbench doctor --kit {one.port.device}"
        return f"{one.port.device} ({one.port.bridge}){place}: no kit: {one.reason} → {fix}"
    kit = one.identity
    element = f"secure element {kit.secure_element}" if kit.secure_element else f"no secure element seen: {kit.remark}"
    burnt = f", {' and '.join(kit.protections)} for ever" if kit.protections else ""
    facts = f"{kit.chip}, MAC {kit.mac}, flash {kit.flash_size or '?'}{burnt}, {element}"
    return f"{one.port.device} ({one.port.bridge}){place}: {facts}"


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
