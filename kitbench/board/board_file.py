"""Board files: `--board NAME|FILE.toml`.

[parts.aht]                # a name of your own, by which tests and people call it
kind = "AHT20"             # AHT10, AHT20, DHT22, analogue, LED, ATECC608A
sda = 27
scl = 33
temperature = 21.5         # what it measures at first; may be left out

[parts.led]
kind = "LED"
pin = 2
active_low = true

[wifi]                     # may be left out: then every name and password is right
ssid = "lab"
password = "right horse"
"""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from kitbench.board.board import Board, Part, check_value
from kitbench.board.kind import KINDS, PartKind
from kitbench.board.wifi import parse_wifi
from kitbench.errors import UsageError
from kitbench.spelling import did_you_mean

#: What is fitted where nobody says more.
USUAL_BOARD: Final = "course"
_BOARDS: Final = Path(__file__).parent / "boards"
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,40}")
_STAGE: Final = "board"


def known_boards() -> tuple[str, ...]:
    """Return the names of the boards that come with kitbench."""
    return tuple(sorted(file.stem for file in _BOARDS.glob("*.toml")))


def read_board(text: str | None, folder: Path | None = None) -> Board:
    """Return the board that `--board` names; the course's where nobody named one.

    Args:
        text: a name, or the path of a file that ends in `.toml`.
        folder: what a relative path means; None: where the process stands.

    Raises:
        UsageError: nobody knows that name, the file cannot be read, or describes what cannot be on a table.
    """
    name = text or USUAL_BOARD
    if name in known_boards():
        return parse_board(name, (_BOARDS / f"{name}.toml").read_text(encoding="utf-8"), is_named=text is not None)
    if not name.endswith(".toml"):
        fix = "or a file that ends in .toml"
        raise UsageError(f"there is no board {name!r}: {did_you_mean(name, known_boards())}", stage=_STAGE, fix=fix)
    path = (folder or Path()) / name
    try:
        return parse_board(str(path), path.read_text(encoding="utf-8"), is_named=True)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", stage=_STAGE) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is no text in UTF-8", stage=_STAGE) from error


def parse_board(name: str, text: str, *, is_named: bool = True) -> Board:
    """Return the board that a file's text describes.

    Raises:
        UsageError: it is no TOML, has a key or value that nobody knows, or pins that two parts want; it names the file.
    """
    try:
        tables = tomllib.loads(text)
        wifi = parse_wifi(_table(tables["wifi"], "[wifi]")) if "wifi" in tables else None
        return Board(name, _parts(tables), is_named, wifi)
    except (ValueError, RecursionError) as error:  # also for a number of more digits than Python reads
        raise UsageError(f"{name}: {error}", stage=_STAGE) from error
    except UsageError as error:
        raise UsageError(f"{name}: {error.message}", stage=_STAGE, fix=error.fix) from error


def _parts(tables: Mapping[str, Any]) -> dict[str, Part]:
    for key in tables:
        if key not in {"parts", "wifi"}:
            raise UsageError(f"unknown key {key!r}", fix="expected tables [parts.NAME] and [wifi]")
    parts = _table(tables.get("parts", {}), "[parts]")
    read = {name: _part(name, _table(table, f"[parts.{name}]")) for name, table in parts.items()}
    _check_pins(tuple(read.values()))
    return read


def _table(value: object, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise UsageError(f"{what} is {value!r}, expected a table")
    return value


def _part(name: str, table: Mapping[str, Any]) -> Part:
    if not _NAME.fullmatch(name):
        raise UsageError(f"part {name!r}: a name has letters, digits, _ and -, and no digit first")
    kind = _kind(name, table)
    for key in table:
        if key not in {"kind", *kind.keys}:
            meant = did_you_mean(key, ["kind", *kind.keys])
            raise UsageError(f"part {name!r} ({kind.name}) has an unknown key {key!r}: {meant}")
    part = Part(
        name=name,
        kind=kind,
        pins={wire: _pin(name, kind, wire, table) for wire in kind.wires},
        address=_address(name, kind, table),
        is_active_low=_active_low(name, table),
    )
    values = {one: check_value(part, one, table.get(one, known.usual)) for one, known in kind.quantities.items()}
    return Part(part.name, kind, part.pins, part.address, part.is_active_low, values)


def _kind(name: str, table: Mapping[str, Any]) -> PartKind:
    kind = table.get("kind")
    if not isinstance(kind, str) or kind not in KINDS:
        said = "no kind" if kind is None else f"the kind {kind!r}"
        # Whoever writes "led" means "LED".
        alike = [known for known in KINDS if isinstance(kind, str) and known.lower() == kind.lower()]
        meant = f"did you mean {alike[0]!r}?" if alike else did_you_mean(str(kind or ""), KINDS)
        raise UsageError(f"part {name!r} has {said}: {meant}")
    return KINDS[kind]


def _pin(name: str, kind: PartKind, wire: str, table: Mapping[str, Any]) -> int:
    if wire not in table:
        raise UsageError(f"part {name!r} ({kind.name}) has no {wire}", fix=f"{wire} = a GPIO number")
    pin = table[wire]
    if type(pin) is not int or pin not in kind.pins:  # a truth value is an int, too
        numbers = _spans(kind.pins)
        raise UsageError(f"part {name!r}: {wire} is {pin!r}, but a part of kind {kind.name} goes to GPIO {numbers}")
    return pin


def _address(name: str, kind: PartKind, table: Mapping[str, Any]) -> int:
    if not kind.addresses:
        return 0
    address = table.get("address", kind.addresses[0])
    if type(address) is int and address in kind.addresses:
        return address
    known = ", ".join(f"0x{one:02X}" for one in kind.addresses)
    is_short = type(address) is int and address << 1 in kind.addresses
    hint = f" (eight bits, as CryptoAuthLib has it: 0x{address << 1:02X})" if is_short else ""
    shown = f"0x{address:02X}" if type(address) is int and address >= 0 else repr(address)
    raise UsageError(f"part {name!r}: address is {shown}, but a {kind.name} has {known}{hint}")


def _active_low(name: str, table: Mapping[str, Any]) -> bool:
    value = table.get("active_low", False)
    if not isinstance(value, bool):
        raise UsageError(f"part {name!r}: active_low is {value!r}, expected true or false")
    return value


def _spans(pins: frozenset[int]) -> str:
    """Return numbers as people write them: 0 to 5, 12."""
    runs: list[list[int]] = []
    for pin in sorted(pins):
        if runs and runs[-1][-1] == pin - 1:
            runs[-1].append(pin)
        else:
            runs.append([pin])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)


def _check_pins(parts: tuple[Part, ...]) -> None:
    """Make sure that each pin leads to one part, or to one wire of one bus with different addresses on it.

    Raises:
        UsageError: otherwise.
    """
    for index, part in enumerate(parts):
        if len(set(part.pins.values())) < len(part.pins):
            raise UsageError(f"part {part.name!r}: sda and scl are the same GPIO {part.pins['sda']}")
        for other in parts[:index]:
            _check_pair(other, part)
    if len(elements := [part.name for part in parts if part.kind.name == "ATECC608A"]) > 1:
        raise UsageError(f"{' and '.join(elements)} are both an ATECC608A: the virtual kit has one")


def _check_pair(one: Part, other: Part) -> None:
    if one.pins == other.pins and "sda" in one.pins:
        if _seven_bits(one) == _seven_bits(other):
            raise UsageError(f"{one.name} and {other.name} have the same address on the same bus")
        return
    for pin in _shared(one, other):
        raise UsageError(f"{one.name} and {other.name} are both on GPIO {pin}")


def _shared(one: Part, other: Part) -> Iterator[int]:
    return iter(sorted(set(one.pins.values()) & set(other.pins.values())))


def _seven_bits(part: Part) -> int:
    return part.address >> 1 if part.kind.name == "ATECC608A" else part.address
