"""`kitbench virtual-kit`: kits on RFC 2217 ports until a signal ends them."""

import json
import os
import secrets
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Final, TextIO

import click

from kitbench.board.board import Board
from kitbench.board.board_file import read_board
from kitbench.board.door import announced
from kitbench.errors import BenchError, UsageError
from kitbench.exit_status import ExitStatus
from kitbench.extras import Extra, require
from kitbench.virtual_kit.hardware.cpu_interface import SecureElementBus
from kitbench.virtual_kit.hardware.lent import parse_way
from kitbench.virtual_kit.kit import KitOptions, VirtualKit
from kitbench.virtual_kit.memory_limit import limit_memory

_SECURE_ELEMENTS: Final = ("none", "factory", "tcustom_locked", "tng", "tflex")
#: `kitbench.virtual_kit.atecc608a.chip_defect.DEFECTS`, written out because loading it takes long.
_FLAWS: Final = (
    "absent",
    "busy",
    "crc_error",
    "watchdog",
    "leaky_read",
    "readable_slot",
    "imported_key",
    "constant_signature",
    "foreign_key",
)
#: What ESP32 modules have.
FLASH_SIZES: Final = {f"{megabytes}MB": megabytes << 20 for megabytes in (2, 4, 8, 16)}
_PARENT_CHECK_S: Final = 0.5
_MAX_KITS: Final = 200


@click.command()
@click.option("--flash", type=click.Path(path_type=Path, dir_okay=False), help="Keep the flash in this file.")
@click.option("--flash-size", type=click.Choice([*FLASH_SIZES]), default="4MB", help="Of a new flash [default: 4MB].")
@click.option("--efuses", type=click.Path(path_type=Path, dir_okay=False), help="Keep the eFuses in this file.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="TCP port of the first kit; 0 takes a free one.")
@click.option("--count", type=click.IntRange(1, _MAX_KITS), default=1, help="How many kits.")
@click.option("--json", "as_json", is_flag=True, help="One line of JSON per kit when it is ready.")
@click.option("--baud-pacing", is_flag=True, help="Make the link as slow as its rate.")
@click.option(
    "--clock-factor", type=click.FloatRange(0.01, 1000), default=1.0, help="How much faster the firmware's delays run."
)
@click.option(
    "--access-point",
    multiple=True,
    metavar="HOST:PORT[=HOST:PORT]",
    help="What the kit's Wi-Fi leads to, and where that is if not under its own name; may be repeated.",
)
@click.option("--board", "board_name", metavar="NAME|FILE.toml", help="What is wired to its pins [default: course].")
@click.option(
    "--secure-element",
    type=click.Choice(_SECURE_ELEMENTS),
    help="How the board's ATECC608A was prepared [default: by its address; 0xC0 is tcustom_locked]; none unplugs it.",
)
@click.option(
    "--stand-in-root",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="PEM",
    help="A root that firmware trusts wherever it trusts Amazon's: of a local IoT core that stands in for AWS.",
)
@click.option(
    "--secure-element-flaw", type=click.Choice(_FLAWS), help="What is wrong with it, to see that a claim can fail."
)
@click.option(
    "--log", "log_file", type=click.Path(path_type=Path, dir_okay=False), help="Write the kits' own log here."
)
@click.option(
    "--gaps",
    "gap_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Note here, as lines of JSON, what the firmware asked for and a virtual kit lacks.",
)
@click.option("--die-with-parent", is_flag=True, help="End when the process that started this one ends.")
def command(  # noqa: PLR0913 - one argument per option
    *,
    flash: Path | None,
    flash_size: str,
    efuses: Path | None,
    port: int,
    count: int,
    as_json: bool,
    baud_pacing: bool,
    clock_factor: float,
    access_point: tuple[str, ...],
    board_name: str | None,
    stand_in_root: Path | None,
    secure_element: str | None,
    secure_element_flaw: str | None,
    log_file: Path | None,
    gap_file: Path | None,
    die_with_parent: bool,
) -> int:
    """Run virtual ESP32 kits that any RFC 2217 client may use, until SIGINT or SIGTERM.

    With --count, files get the number of their kit: flash.bin, flash.1.bin, …

    \b
    Example:
      kitbench virtual-kit --port 4000 --flash kit.bin &
      esptool --port rfc2217://127.0.0.1:4000 flash-id
      kitbench board set temperature=31.5

    \b
    Exit status: 0 ended by a signal, 2 a port or file cannot be used, 3 usage.
    """  # noqa: D301 - click wants the very character
    require(Extra.VIRTUAL)
    limit_memory(count)
    board = read_board(board_name)
    secure_element = secure_element or board.secure_element_profile
    _check_place(board, secure_element)
    endpoints = tuple(map(parse_way, access_point))
    parent = os.getppid()
    ended = _event_of_signals()
    with ExitStack() as stack:
        log = _log_writer(sys.stderr if log_file is None else stack.enter_context(_open_log(log_file)))
        gaps = None if gap_file is None else _log_writer(stack.enter_context(_open_log(gap_file)))
        for number in range(count):
            options = KitOptions(
                name=f"kit-{number}-{secrets.token_hex(4)}",  # for a MAC of its own, as kits have
                port=port + number if port else 0,
                flash_file=_numbered(flash, number),
                flash_size=FLASH_SIZES[flash_size],
                efuse_file=_numbered(efuses, number),
                is_paced=baud_pacing,
                board=board,
                secure_element=_secure_element(secure_element, secure_element_flaw, _tagged(log, f"kit-{number}")),
                access_point=endpoints,
                clock_factor=clock_factor,
                log=_tagged(log, f"kit-{number}"),
                lacks=_gap_teller(_tagged(log, f"kit-{number}"), gaps),
                stand_in_root=b"" if stand_in_root is None else stand_in_root.read_bytes(),
            )
            kit = stack.enter_context(VirtualKit(options))
            stack.enter_context(announced(kit.url, kit.door))
            _announce(kit, secure_element, as_json=as_json)
        _wait_for_the_end(ended, parent if die_with_parent else None)
    return ExitStatus.GOOD


def _announce(kit: VirtualKit, secure_element: str, *, as_json: bool) -> None:
    facts: dict[str, object] = {"port": kit.url, "mac": kit.mac, "flash_size": kit.flash.size}
    facts |= {"secure_element": secure_element, "board": kit.table.board.name, "door": str(kit.door)}
    text = json.dumps(facts) if as_json else f"virtual kit {kit.mac} on {kit.url}, board {kit.table.board.name}"
    click.echo(text)
    sys.stdout.flush()


def _check_place(board: Board, secure_element: str) -> None:
    if secure_element != "none" and board.secure_element is None:
        raise UsageError(f"board {board.name} has no ATECC608A", stage="board", fix="--secure-element none")


def _numbered(path: Path | None, number: int) -> Path | None:
    """Return the file of a kit: the name as given for the first, with a number for the others."""
    return path if path is None or number == 0 else path.with_suffix(f".{number}{path.suffix}")


def _secure_element(profile: str, flaw: str | None, log: Callable[[str], None]) -> SecureElementBus | None:
    if profile == "none":
        if flaw is not None:
            raise UsageError("--secure-element-flaw needs a --secure-element")
        return None
    from kitbench.virtual_kit.atecc608a.chip_defect import make_bus  # noqa: PLC0415 - cryptography takes long to load

    return make_bus(profile, flaw, log=log)


def _open_log(path: Path) -> TextIO:
    try:
        return path.open("a", encoding="utf-8")
    except OSError as error:
        raise BenchError(f"log file {path} cannot be used: {error.strerror}", stage="virtual kit") from error


def _log_writer(stream: TextIO) -> Callable[[str], None]:
    lock = threading.Lock()

    def write(line: str) -> None:
        with lock:
            stream.write(f"{line}\n")
            stream.flush()

    return write


def _tagged(log: Callable[[str], None], name: str) -> Callable[[str], None]:
    return lambda line: log(f"{name}: {line}")


def _gap_teller(log: Callable[[str], None], note: Callable[[str], None] | None) -> Callable[[str], None]:
    """Return what takes a feature that firmware asked for in vain: a line in the log, and a note for the bench."""

    def tell(feature: str) -> None:
        log(f"the firmware asked for what a virtual kit lacks: {feature}")
        if note is not None:
            note(json.dumps({"lacks": feature}))

    return tell


def _event_of_signals() -> threading.Event:
    """Return what SIGINT and SIGTERM set from now on: whoever reads that a kit is ready may send them."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _wait_for_the_end(ended: threading.Event, parent: int | None) -> None:
    """Return at a signal, or when the parent has gone."""
    while not ended.wait(None if parent is None else _PARENT_CHECK_S):
        if os.getppid() != parent:
            return
