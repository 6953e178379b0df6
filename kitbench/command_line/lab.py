"""`kitbench lab`: kits shared through labgrid."""

import json
import signal
import tempfile
import threading
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import click

from kitbench.bench.kits.bench_file import USUAL_FILE, read_bench_file
from kitbench.bench.stand_in import running
from kitbench.command_line.kits import kit_ports, scan_with_progress
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.extras import Extra, require
from kitbench.kit.scan import ScannedPort
from kitbench.kit.usb_path import usb_path_of
from kitbench.lab.exporter_file import ExportedKit, exporter_text, place_requests, tags_of
from kitbench.lab.lab_server import coordinator_running, exporter_running, register
from kitbench.lab.lab_state import Place, Waiting, places_in, queue_in
from kitbench.lab.labgrid_client import find_client

_FILE: Final = click.Path(path_type=Path, dir_okay=False)
_COORDINATOR: Final = click.option(
    "--coordinator",
    metavar="HOST:PORT",
    default="",
    help="labgrid's coordinator [default: LG_COORDINATOR, or 127.0.0.1:20408].",
)
_MOST_KITS: Final = 64


@click.group()
def command() -> None:
    """Share kits through a labgrid coordinator, and see who has them.

    \b
    Example:
      kitbench lab serve --virtual 4 --with-coordinator &
      kitbench lab status

    \b
    Exit status: of the command below it; 3 usage.
    """  # noqa: D301 - click wants the very character


@command.command()
@click.option("--bench", type=_FILE, default=Path(USUAL_FILE), show_default=True, help="The bench description.")
@click.option("--port", "ports", multiple=True, help="Export this port's kit only; may be repeated.")
@click.option("-o", "--output", type=_FILE, default=Path("exporter.yaml"), show_default=True, help="The file to write.")
@click.option("--name", default="bench", show_default=True, help="The exporter's name.")
@click.option("--register", "is_registered", is_flag=True, help="Make the places at the coordinator, too.")
@_COORDINATOR
def export(  # noqa: PLR0913 - one argument per option
    *, bench: Path, ports: tuple[str, ...], output: Path, name: str, is_registered: bool, coordinator: str
) -> int:
    """Write labgrid's exporter configuration for the kits attached here, with a place and tags for each.

    The kits are asked as by `kitbench kits scan`; names are those of the bench description, by MAC or by port. Printed
    are the commands that make the places, with MAC, chip, flash size and secure element as tags; --register runs them.

    \b
    Example:
      kitbench lab export --name bench-a --register
      labgrid-exporter -n bench-a exporter.yaml

    \b
    Exit status: 0 written, 1 a port's kit does not answer and is left out, 2 no coordinator, 3 usage.
    """  # noqa: D301 - click wants the very character
    chosen, _ = kit_ports(bench)
    chosen = [one for one in chosen if not ports or one.device in ports]
    if not chosen:
        raise UsageError("no kit is attached or described here", stage="lab", fix="plug one in, or --bench FILE")
    found = scan_with_progress(chosen)
    kits = _named(found, bench)
    output.write_text(exporter_text(kits), encoding="utf-8")
    click.echo(f"{output}: {len(kits)} of {len(found)} kits → labgrid-exporter -n {name} {output}")
    for one in found:
        if one.identity is None:
            click.echo(f"left out: {one.port.device}: {one.reason}", err=True)
    for kit in kits:
        if is_registered:
            register(find_client(coordinator), kit, name)
            click.echo(f"place {kit.name}: {' '.join(f'{tag}={value}' for tag, value in kit.tags.items())}")
        else:
            for request in place_requests(kit, name):
                click.echo(f"labgrid-client {' '.join(request)}")
    return ExitStatus.GOOD if len(kits) == len(found) else ExitStatus.FOUND_OR_FAILED


def _named(found: Iterable[ScannedPort], bench: Path) -> list[ExportedKit]:
    """Return the kits that answered, by the names that the bench has for them, else `kit1`, `kit2` and so on."""
    described = read_bench_file(bench, is_named=False).kits
    by_mac = {kit.mac: name for name, kit in described.items() if kit.mac}
    by_port = {kit.port: name for name, kit in described.items() if kit.port}
    free = (name for number in range(1, 1000) if (name := f"kit{number}") not in described)
    kits = []
    for one in found:
        if (kit := one.identity) is None:
            continue
        name = by_mac.get(kit.mac) or by_port.get(one.port.device) or next(free)
        element = kit.secure_element or (described[name].secure_element if name in described else "")
        tags = tags_of(mac=kit.mac, chip=kit.chip, flash_size=kit.flash_size, secure_element=element)
        kits.append(ExportedKit(name, one.port.device, usb_path_of(one.port.device), tags))
    return kits


@command.command()
@click.option("--virtual", "count", type=click.IntRange(1, _MOST_KITS), required=True, help="How many virtual kits.")
@click.option("--name", default="virtual", show_default=True, help="The exporter's name; places are NAME-1, NAME-2 …")
@click.option("--with-coordinator", is_flag=True, help="Run the coordinator, too; it forgets its places at the end.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON when the lab is ready.")
@_COORDINATOR
def serve(*, count: int, name: str, with_coordinator: bool, as_json: bool, coordinator: str) -> int:
    """Export virtual kits of this machine until a signal: a lab without hardware.

    Each kit is a process of its own, and a place with the tags kind=virtual, board, mac, flash and se. At the end
    places, kits and exporter are gone, also after `kill -9`, save for places in a coordinator of somebody else's.

    \b
    Example:
      kitbench lab serve --virtual 4 --with-coordinator &
      pytest -m hardware --kit labgrid:virtual-1 --cloud local

    \b
    Exit status: 0 ended by a signal, 2 labgrid's programs or a kit do not start, 3 usage.
    """  # noqa: D301 - click wants the very character
    require(Extra.VIRTUAL)
    client = find_client(coordinator)
    ended = threading.Event()
    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, lambda *_: ended.set())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kitbench-lab-")))
        if with_coordinator:
            stack.enter_context(coordinator_running(client, client.address, folder))
        kits = []
        for number in range(1, count + 1):
            ready = stack.enter_context(running("virtual-kit"))
            click.echo(f"kit {number} of {count}: {ready['mac']} on {ready['port']}", err=True)
            kits.append(_virtual_kit(f"{name}-{number}", ready))
        stack.enter_context(exporter_running(client, name, kits, folder))
        facts = {"coordinator": client.address, "places": [kit.name for kit in kits]}
        click.echo(json.dumps(facts) if as_json else f"lab at {client.address}: {', '.join(kit.name for kit in kits)}")
        ended.wait()
    return ExitStatus.GOOD


def _virtual_kit(name: str, ready: dict[str, object]) -> ExportedKit:
    size = f"{int(str(ready['flash_size'])) >> 20}MB"
    tags = tags_of(
        mac=str(ready["mac"]),
        chip="ESP32",
        flash_size=size,
        secure_element=str(ready["secure_element"]),
        kind="virtual",
    )
    tags.pop("se_serial", None)  # how it was prepared, and no serial
    return ExportedKit(name, str(ready["port"]), tags=tags)


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@_COORDINATOR
def status(*, as_json: bool, coordinator: str) -> int:
    """Show the lab's places, who has them, and who waits.

    \b
    Example:
      kitbench lab status --coordinator 127.0.0.1:20408

    \b
    Exit status: 0 shown, 2 no coordinator answers, 3 usage.
    """  # noqa: D301 - click wants the very character
    client = find_client(coordinator)
    places = places_in(client.ask("-v", "places"), client.ask("resources"))
    queue = queue_in(client.ask("reservations"))
    if as_json:
        click.echo(json.dumps({"places": [one.to_json() for one in places], "queue": [one.to_json() for one in queue]}))
    else:
        click.echo("\n".join(status_lines(places, queue)))
    return ExitStatus.GOOD


def status_lines(places: list[Place], queue: list[Waiting]) -> list[str]:
    """Return the lab's state in lines: its places, then its queue."""
    width = max((len(place.name) for place in places), default=0)
    lines = [
        f"{place.name:{width}}  {_state(place)}{f'  ({place.tags})' if place.tags else ''}" for place in places
    ] or ["no places"]
    held = sum(bool(place.holder) for place in places)
    gone = sum(not place.is_there for place in places)
    lines.append(f"{len(places)} places, {held} held, {gone} without a kit")
    waiting = [one for one in queue if one.state == "waiting"]
    lines += [
        f"{number}. {one.owner} waits for {one.wanted}, since {one.since}" for number, one in enumerate(waiting, 1)
    ]
    return lines if waiting else [*lines, "nobody waits"]


def _state(place: Place) -> str:
    there = "" if place.is_there else ", its kit is not exported"
    return (f"held by {place.holder}" if place.holder else "free") + there
