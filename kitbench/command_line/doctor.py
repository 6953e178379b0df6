"""`kitbench doctor`: is this bench fit to grade?"""

import json
from functools import partial
from typing import Final

import click
from rich.console import Console
from rich.table import Table

from kitbench.doctor import cloud_account, installation, port
from kitbench.doctor.check import Check, Line, State, run_checks
from kitbench.errors import UsageError

_EPILOG: Final = """\b
Example:
  kitbench doctor --kit auto --cloud aws
\b
Exit status:
  0  fit, warnings or not
  1  something fails; its line says what mends it
  3  usage
"""

COLOURS: Final = {State.OK: "green", State.WARN: "yellow", State.FAIL: "bold red"}


@click.command(name="doctor", epilog=_EPILOG)
@click.option("--kit", default="virtual", show_default=True, help="auto, virtual, or a port: whose line to look at.")
@click.option("--cloud", type=click.Choice(["local", "aws"]), default="local", show_default=True, help="Which cloud.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array, for CI.")
def command(*, kit: str, cloud: str, as_json: bool) -> int:
    """Look at everything that a run needs, and change nothing: each line is ok, warn or fail, with what mends it.

    A kit that is looked at is restarted.
    """
    lines = run_checks(checks(kit, cloud))
    if as_json:
        click.echo(json.dumps([line.to_json() for line in lines], indent=1))
    else:
        Console().print(table(lines))
    return int(any(line.state is State.FAIL for line in lines))


def checks(kit: str, cloud: str) -> list[tuple[str, Check]]:
    """Return the checks for a kit and a cloud, in the order of the screen."""
    chosen: list[tuple[str, Check]] = [
        ("python", installation.python),
        ("packages", installation.packages),
        ("ESP-IDF", installation.esp_idf),
        ("QEMU", installation.qemu),
        ("build sandbox", installation.build_sandbox),
    ]
    if kit != "virtual":
        chosen += [("serial ports", port.ports), ("kit", partial(kit_behind, kit))]
    if cloud == "aws":
        chosen += [("AWS identity", cloud_account.identity), ("cloud", cloud_account.reachable)]
        chosen += [("clock", cloud_account.clock), ("leftovers", cloud_account.leftovers)]
    return chosen


def kit_behind(kit: str) -> Line:
    """Look at the port first and, where it can be opened, at the chip."""
    try:
        chosen = port.chosen_port(kit)
    except UsageError as error:
        return Line("kit", State.FAIL, error.message, error.mend)
    line = port.permission(chosen)
    return line if line.state is State.FAIL else port.chip(chosen)


def table(lines: list[Line]) -> Table:
    """Return the screen."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for line in lines:
        state = f"[{COLOURS[line.state]}]{line.state:4}[/]"
        table.add_row(state, line.subject, line.detail, f"→ {line.mend}" if line.mend else "")
    return table
