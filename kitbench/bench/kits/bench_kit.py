"""The near end of the wire, opened: a kit that can be built for, flashed and had in hand.

With `kit_choice` and `bench_cloud` this is the only place that knows stand-ins; what it returns tells nobody.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from kitbench.bench.builds.builders import Builder, build_for_qemu, build_for_virtual_kit, build_with_esp_idf
from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.bench.gap_file import GapFile, GapsBehindDoor
from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.bench.kits.kit_control import KitControl, SerialControl
from kitbench.bench.kits.kit_health import HealthyKit, first_healthy
from kitbench.bench.kits.qemu_kit import QemuControl, QemuFiles
from kitbench.bench.stand_in import running
from kitbench.board.board import Board
from kitbench.board.board_file import read_board
from kitbench.board.door import Door, door_of
from kitbench.errors import BenchError
from kitbench.firmware.flash_size import USUAL
from kitbench.kit import qemu
from kitbench.kit.serial_port import use_quick_rfc2217
from kitbench.kit_list import QEMU, VIRTUAL


class Loader(Protocol):
    """Lays a firmware into the file that is a kit's flash."""

    def __call__(self, firmware: FirmwareBuild, *, erase_all: bool) -> Path:
        """Return the file; raise UsageError or KitError where the firmware does not go in."""


@dataclass(frozen=True, slots=True)
class BenchKit:
    """A kit that can be flashed.

    Attributes:
        port: what esptool's `--port` takes, "" for a kit that has none.
        build: the build tool for it.
        control: has it in hand, once pytest-embedded's dut is there.
        description: what the run report says of it.
        secure_element: the serial that its secure element must have, "" when any will do.
        services: of pytest-embedded, which run it.
        load: lays firmware into its flash; None where pytest-embedded does that.
        arguments: for the program that runs it, None where there is none.
        door: to the table that its parts are simulated on, None where they are real.
    """

    port: str
    build: Builder
    control: Callable[[Any], KitControl]
    description: dict[str, Any] = field(default_factory=dict)
    secure_element: str = ""
    services: str = "esp,idf"
    load: Loader | None = None
    arguments: str | None = None
    door: Door | None = None


@contextmanager
def open_kit(  # noqa: PLR0913 - what each kind of kit needs, by name
    choice: KitChoice,
    access_points: Iterable[str],
    log: Path,
    *,
    folder: Path | None = None,
    clock_factor: float = 1.0,
    spares: tuple[KitChoice, ...] = (),
    board: Board | None = None,
    flash_size: str = USUAL,
) -> Iterator[BenchKit]:
    """Yield the kit; one in software is started.

    Args:
        choice: the kit, or the first one to try.
        access_points: where a virtual kit's access point leads to, as its command takes it, and nowhere else.
        log: of a virtual kit.
        folder: private; keeps a flash that is a file.
        clock_factor: of a virtual kit.
        spares: of the same kind, to be taken where `choice` is not fit.
        board: what is wired to its pins; None: the course's board, as far as the kit's table is simulated.
        flash_size: of a virtual kit.

    Raises:
        BenchError: neither the kit nor a spare one is fit.
        UsageError: QEMU is not installed.
    """
    use_quick_rfc2217()
    board = board or read_board(None)
    if choice.kind == VIRTUAL and choice.is_started:
        ways = [option for way in access_points for option in ("--access-point", way)]
        fitted = ("--board", board.name, "--secure-element", board.secure_element_profile)
        options = (*fitted, "--flash-size", flash_size, "--clock-factor", str(clock_factor), "--log", str(log))
        gaps = (folder or log.parent) / "kit_gaps.jsonl"  # with words of the firmware's in it, which may hold a key
        with running("virtual-kit", *ways, *options, "--gaps", str(gaps)) as ready:
            door = Door.parse(ready.pop("door"))  # has a token, and the rest goes into reports
            control = partial(SerialControl, port=ready["port"], gaps=GapFile(gaps))
            build = builder_for(choice, board)
            yield BenchKit(ready["port"], build, control, {"kind": choice.kind} | ready, door=door)
    elif choice.kind == QEMU:
        assert folder is not None
        yield _qemu_kit(QemuFiles(folder))
    elif choice.kind == VIRTUAL:
        with _lent_kit(choice, spares, board, access_points, clock_factor) as kit:
            yield kit
    else:
        yield _attached_kit(choice, spares, board)


@contextmanager
def _lent_kit(
    choice: KitChoice,
    spares: tuple[KitChoice, ...],
    board: Board,
    access_points: Iterable[str],
    clock_factor: float,
) -> Iterator[BenchKit]:
    """Yield a virtual kit that somebody else started, its surroundings arranged for the run until the end."""
    found = first_healthy((choice, *spares))
    port = found.choice.port
    door = door_of(port)
    if door is None:
        raise BenchError(f"the virtual kit on {port} has gone", stage="kit", fix="start it again, and run again")
    _require_board(board, door, port)
    door.lend(access_points, clock_factor)
    control = partial(SerialControl, port=port, gaps=GapsBehindDoor(door))
    build = builder_for(found.choice, board)
    try:
        yield BenchKit(port, build, control, _description(found), found.choice.secure_element, door=door)
    finally:
        with suppress(BenchError):  # the kit has gone meanwhile
            door.take_back()


def builder_for(choice: KitChoice, board: Board) -> Builder:
    """Return the build tool for a kit, which need not be opened for it."""
    if choice.kind == QEMU:
        return build_for_qemu
    if choice.kind == VIRTUAL:
        return partial(build_for_virtual_kit, wiring=choice.wiring or board.wiring)
    return partial(build_with_esp_idf, wiring=choice.wiring or (board.wiring if board.is_named else ()))


def _require_board(board: Board, door: Door, port: str) -> None:
    """Make sure that a kit is wired as the run was told.

    Raises:
        BenchError: it has other parts.
    """
    fitted = door.state()
    if board.is_named and set(fitted) != set(board.parts):
        raise BenchError(
            f"the virtual kit on {port} has {', '.join(fitted) or 'no parts'}, board {board.name} has others",
            stage="kit",
            fix=f"start it with --board {board.name}",
        )


def _description(kit: HealthyKit) -> dict[str, Any]:
    """Return what the run report says of a kit on a port."""
    facts: dict[str, Any] = {"kind": kit.choice.kind, "port": kit.choice.port, "chip": kit.identity.chip}
    facts |= {"place": kit.choice.lab.place} if kit.choice.lab else {}
    return facts | {"mac": kit.identity.mac} | ({"put_aside": dict(kit.put_aside)} if kit.put_aside else {})


def _attached_kit(choice: KitChoice, spares: tuple[KitChoice, ...], board: Board) -> BenchKit:
    kit = first_healthy((choice, *spares))
    port, description = kit.choice.port, _description(kit)
    control = partial(SerialControl, port=port)
    build = builder_for(kit.choice, board)
    return BenchKit(port, build, control, description, kit.choice.secure_element)


def _qemu_kit(files: QemuFiles) -> BenchKit:
    description = {"kind": QEMU, "chip": "ESP32", "version": qemu.find_qemu().version, "secure_element": "none"}
    return BenchKit(
        port="",
        build=build_for_qemu,
        control=partial(QemuControl, files=files),
        description=description,
        services="idf,qemu",
        load=files.lay,
        arguments=qemu.arguments(files.efuses),
    )
