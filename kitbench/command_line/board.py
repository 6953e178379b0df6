"""`kitbench board`: the parts on a virtual kit's table, while it runs."""

import json
from typing import Any

import click

from kitbench.board.board_file import known_boards, read_board
from kitbench.board.door import Door, running_tables
from kitbench.errors import UsageError
from kitbench.exit_status import ExitStatus
from kitbench.spelling import did_you_mean

_KIT = click.option("--kit", metavar="PORT", help="The kit's port, as it prints it; may be left out where one runs.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def command() -> None:
    """Set what the sensors on a virtual kit's table measure, and read what its lamps show.

    \b
    Example:
      kitbench virtual-kit --board lab &
      kitbench board set temperature=31.5    (aht.temperature, where several parts have one)
      kitbench board get led

    \b
    Exit status: 0 good, 2 the kit does not answer, 3 usage.
    """  # noqa: D301 - click wants the very character


@command.command("set")
@_KIT
@click.argument("values", nargs=-1, required=True, metavar="[PART.]QUANTITY=VALUE...")
def set_values(kit: str | None, values: tuple[str, ...]) -> int:
    """Set what parts measure, and whether they are fitted.

    \b
    Examples:
      kitbench board set temperature=31.5 dht.humidity=40 knob.voltage=1.2
      kitbench board set aht.fitted=false    unplugs it

    \b
    Exit status: 0 set, 2 the kit does not answer, 3 usage.
    """  # noqa: D301 - click wants the very character
    _door(kit).set(dict(_value(text) for text in values))
    return ExitStatus.GOOD


@command.command()
@_KIT
@_JSON
@click.argument("name", required=False, metavar="[PART[.QUANTITY]]")
def get(kit: str | None, name: str | None, *, as_json: bool) -> int:
    """Print the parts, or one part, or one value of it.

    \b
    Examples:
      kitbench board get
      kitbench board get led.duty
      kitbench board get --json --kit rfc2217://127.0.0.1:4000

    \b
    Exit status: 0 printed, 2 the kit does not answer, 3 usage.
    """  # noqa: D301 - click wants the very character
    parts: dict[str, Any] = _door(kit).state()
    part, _, quantity = (name or "").partition(".")
    if part and part not in parts:
        raise UsageError(f"no part {part!r}: {did_you_mean(part, parts)}", stage="board")
    if quantity and quantity not in parts[part]:
        raise UsageError(f"{part} has no {quantity!r}: {did_you_mean(quantity, parts[part])}", stage="board")
    if quantity:
        click.echo(json.dumps(parts[part][quantity]))
        return ExitStatus.GOOD
    shown = {part: parts[part]} if part else parts
    click.echo(json.dumps(shown) if as_json else "\n".join(_line(one, facts) for one, facts in shown.items()))
    return ExitStatus.GOOD


@command.command()
@click.argument("board", metavar="NAME|FILE.toml", required=False)
def describe(board: str | None) -> int:
    """Check a board file and print its wiring; without a name, the boards that come with kitbench.

    \b
    Examples:
      kitbench board describe
      kitbench board describe my_table.toml

    \b
    Exit status: 0 it can be used, 3 it cannot.
    """  # noqa: D301 - click wants the very character
    for name in known_boards() if board is None else (board,):
        read = read_board(name)
        click.echo(f"{read.name}: " + ("; ".join(map(str, read.parts.values())) or "nothing is wired to the pins"))
    return ExitStatus.GOOD


def _line(name: str, facts: dict[str, Any]) -> str:
    return f"{name}: " + ", ".join(f"{key} {_shown(value)}" for key, value in facts.items())


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)


def _value(text: str) -> tuple[str, float | bool]:
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"{text!r} is no QUANTITY=VALUE", stage="board", fix="such as temperature=31.5")
    if value.strip().lower() in {"true", "false"}:
        return name.strip(), value.strip().lower() == "true"
    try:
        return name.strip(), float(value)
    except ValueError as error:
        raise UsageError(f"{name.strip()} is {value.strip()!r}, expected a number", stage="board") from error


def _door(kit: str | None) -> Door:
    tables = running_tables()
    if kit is not None:
        if kit not in tables:
            raise UsageError(f"no virtual kit runs on {kit}: {did_you_mean(kit, tables)}", stage="board")
        return tables[kit]
    if len(tables) != 1:
        running = f"{len(tables)} virtual kits run: {', '.join(tables)}" if tables else "no virtual kit runs"
        raise UsageError(running, stage="board", fix="--kit PORT" if tables else "start one: kitbench virtual-kit")
    return next(iter(tables.values()))
