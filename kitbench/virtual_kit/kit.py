"""One virtual kit: a chip in a thread of its own behind an RFC 2217 port."""

import asyncio
import contextlib
import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from kitbench.board.board import Board
from kitbench.board.board_file import read_board
from kitbench.board.door import Door
from kitbench.errors import BenchError
from kitbench.virtual_kit.board.door_server import DoorServer
from kitbench.virtual_kit.board.table import Table
from kitbench.virtual_kit.chip import Chip, ChipWires
from kitbench.virtual_kit.hardware.cpu_interface import Cpu, Peripherals, ResetCause, RunningApp, SecureElementBus, Way
from kitbench.virtual_kit.hardware.flash_file import FlashFile, open_efuses
from kitbench.virtual_kit.hardware.flash_image import DEFAULT_SIZE, FlashImage
from kitbench.virtual_kit.hardware.lent import LentKit
from kitbench.virtual_kit.listener import stop_listening
from kitbench.virtual_kit.serial_line.rfc2217_server import HOST, SerialLink, serve

_STAGE: Final = "virtual kit"
#: Espressif's first OUI; the rest of the address comes from the kit's name.
_OUI: Final = bytes.fromhex("240ac4")
_START_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class KitOptions:
    """What a kit is made of.

    Attributes:
        name: tells kits apart and gives each its MAC address.
        port: TCP port on the loopback address; 0 takes a free one.
        flash_file: keeps the flash; None: in memory, erased.
        flash_size: bytes of a flash that is new; a file that is there has its own.
        efuse_file: keeps the eFuses; None: in memory, fresh from the factory.
        is_paced: whether the link is as slow as its rate.
        secure_element: the bus with the ATECC608A, if one is fitted.
        access_point: what the kit's Wi-Fi leads to.
        clock_factor: how much faster delays and timers of the firmware run.
        log: takes a line of the kit's own log.
        lacks: takes what firmware asked for and this kit lacks.
        cpu: runs the apps; None: `WasmCpu`.
        board: what is wired to its pins; None: the course's board.
        stand_in_root: PEM of a root that is trusted wherever firmware trusts Amazon's.
    """

    name: str = "kit"
    port: int = 0
    flash_file: Path | None = None
    flash_size: int = DEFAULT_SIZE
    efuse_file: Path | None = None
    is_paced: bool = False
    secure_element: SecureElementBus | None = None
    access_point: tuple[Way, ...] = ()
    clock_factor: float = 1.0
    log: Callable[[str], None] = field(default=lambda _: None)
    lacks: Callable[[str], None] = field(default=lambda _: None)
    cpu: Cpu | None = None
    board: Board | None = None
    stand_in_root: bytes = b""


class VirtualKit:
    """A kit that runs from `start` to `stop`; also a context manager.

    Raises:
        BenchError: a file cannot be used, or the port is taken.
    """

    def __init__(self, options: KitOptions = KitOptions()) -> None:
        self._options = options
        file, size = options.flash_file, options.flash_size
        self._flash_file = None if file is None else FlashFile(file, size)
        self.flash = FlashImage(size=size) if self._flash_file is None else self._flash_file.image
        self.efuses = open_efuses(options.efuse_file, mac_of(options.name))
        self.table = Table(options.board or read_board(None), options.secure_element, address=_address(options))
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name=f"virtual-{options.name}", daemon=True)
        self._is_ready = threading.Event()
        self._failure: OSError | None = None
        self._finish: asyncio.Event | None = None
        self.tcp_port = 0
        self._door: Door | None = None

    @property
    def url(self) -> str:
        """What a client opens."""
        return f"rfc2217://{HOST}:{self.tcp_port}"

    @property
    def mac(self) -> str:
        """The MAC address as esptool prints it."""
        return self.efuses.mac.hex(":")

    @property
    def door(self) -> Door:
        """Where the running kit's table can be set and read."""
        assert self._door is not None
        return self._door

    def start(self) -> Self:
        """Power the kit on and open its port; return when clients may come."""
        self._thread.start()
        if not self._is_ready.wait(_START_TIMEOUT_S):
            raise BenchError("the virtual kit did not start", stage=_STAGE)
        if self._failure is not None:
            raise BenchError(
                f"port {self._options.port} of {HOST} cannot be opened: {self._failure.strerror}",
                stage=_STAGE,
                fix="choose another --port, or 0 for a free one",
            )
        return self

    def stop(self) -> None:
        """Close the port, stop the app, keep the flash; idempotent."""
        if self._thread.is_alive() and self._finish is not None:
            self._post(self._finish.set)
            self._thread.join()
        if self._flash_file is not None:
            self._flash_file.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except OSError as error:
            self._failure = error
        finally:
            self._is_ready.set()

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._finish = asyncio.Event()
        link = SerialLink(self._options.log, is_paced=self._options.is_paced)
        # What the chip lacks is noted by what lends it, which in turn arranges the chip's surroundings.
        usual = (self._options.access_point, self._options.clock_factor)
        lent = LentKit(lambda ways, factor: chip.surround(access_point=ways, clock_factor=factor), usual)
        chip = self._chip(link, lent)
        server = await serve(link, self._options.port)
        table = DoorServer(self.table, lent)
        self._door = await table.open()
        link.chip = chip
        self.tcp_port = server.sockets[0].getsockname()[1]
        chip.power_on()
        self._is_ready.set()
        try:
            await self._finish.wait()
        finally:
            await stop_listening(server)
            await table.close()
            chip.power_off()
            link.close()

    def _chip(self, link: SerialLink, lent: LentKit) -> Chip:
        options = self._options

        def lacks(feature: str) -> None:
            lent.note_gap(feature)
            options.lacks(feature)

        wires = ChipWires(
            send=link.send,
            post=self._post,
            schedule=_schedule,
            log=options.log,
        )
        peripherals = Peripherals(
            flash=self.flash,
            mac=self.efuses.mac,
            uart_write=link.send,
            reset=lambda _: None,
            secure_element=options.secure_element,
            access_point=options.access_point,
            clock_factor=options.clock_factor,
            log=options.log,
            lacks=lacks,
            table=self.table,
            stand_in_root=options.stand_in_root,
            wifi=self.table.board.wifi,
        )
        cpu = LazyCpu() if options.cpu is None else options.cpu
        return Chip(flash=self.flash, efuses=self.efuses, cpu=cpu, peripherals=peripherals, wires=wires)

    def _post(self, function: Callable[[], None]) -> None:
        if self._loop is not None:
            with contextlib.suppress(RuntimeError):  # the kit is off: its app's last threads speak to nobody
                self._loop.call_soon_threadsafe(function)


class LazyCpu:
    """The kit's CPU, imported when the first app starts: a kit that is only flashed starts at once."""

    def __init__(self) -> None:
        self._cpu: Cpu | None = None

    def start(self, app_offset: int, reset_cause: ResetCause, peripherals: Peripherals) -> RunningApp:
        """Start the app; see `Cpu.start`."""
        from kitbench.virtual_kit.cpu import WasmCpu  # noqa: PLC0415 - wasmtime takes long to load

        if self._cpu is None:
            self._cpu = WasmCpu()
        return self._cpu.start(app_offset, reset_cause, peripherals)


def _address(options: KitOptions) -> int | None:
    """Return the secure element's own address, which it has wherever it is fitted."""
    return options.secure_element.address if options.secure_element is not None else None


def mac_of(name: str) -> bytes:
    """Return the factory MAC address of the kit of that name, the same every time."""
    return _OUI + hashlib.sha256(name.encode()).digest()[:3]


def _schedule(seconds: float, function: Callable[[], None]) -> None:
    """Run a function in the kit's thread, from which this is called, after some seconds."""
    asyncio.get_running_loop().call_later(seconds, function)
