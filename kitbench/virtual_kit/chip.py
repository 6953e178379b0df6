"""The chip: reset, boot mode, UART0 and who reads it - ROM loader, flasher stub, or the app.

Not thread-safe: one thread drives it. The app's threads reach it through `ChipWires.post` only.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from kitbench.virtual_kit.boot import boot_loader, boot_rom
from kitbench.virtual_kit.boot.boot_rom import Strap
from kitbench.virtual_kit.hardware.address_space import AddressSpace
from kitbench.virtual_kit.hardware.cpu_interface import Cpu, Peripherals, ResetCause, RunningApp, Way
from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.hardware.flash_image import FlashImage
from kitbench.virtual_kit.hardware.reset_circuit import Edge, ResetCircuit
from kitbench.virtual_kit.hardware.spi_controller import SpiController
from kitbench.virtual_kit.hardware.uart import DEFAULT_BAUD, Uart
from kitbench.virtual_kit.loaders.loader_protocol import (
    Action,
    BootFlash,
    Loader,
    RunCode,
    Send,
    SetBaud,
    SoftwareReset,
)
from kitbench.virtual_kit.loaders.rom_loader import RomLoader
from kitbench.virtual_kit.loaders.stub_catalogue import stub_at
from kitbench.virtual_kit.loaders.stub_commands import GREETING

#: From giving up to the next attempt, as recorded.
_RETRY_S: Final = 0.5
#: What the app may have printed and the link not yet taken; more is lost, as in a UART nobody empties.
_MAX_PENDING_OUTPUT: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class ChipWires:
    """Where the chip's effects go.

    Attributes:
        send: bytes on UART0's TX line, as the host's end reads them.
        post: runs a function in the chip's thread, soon; any thread may call it.
        schedule: runs a function in the chip's thread after some seconds.
        log: one line into the kit's log.
    """

    send: Callable[[bytes], None]
    post: Callable[[Callable[[], None]], None]
    schedule: Callable[[float, Callable[[], None]], None]
    log: Callable[[str], None]


class Chip:
    """An ESP32 with its flash and eFuses.

    Args:
        peripherals: what apps get; `uart_write` and `reset` in it are replaced by the chip's own.
    """

    def __init__(
        self, *, flash: FlashImage, efuses: Efuses, cpu: Cpu, peripherals: Peripherals, wires: ChipWires
    ) -> None:
        self._flash = flash
        self._efuses = efuses
        self._cpu = cpu
        self._peripherals = peripherals
        self._wires = wires
        self._circuit = ResetCircuit()
        self._strap = Strap.FLASH
        #: Lives longer than a reset: the flash chip behind it keeps its status registers.
        self._spi = SpiController(flash.size)
        self._memory = self._fresh_memory()
        self._loader: Loader | None = None
        self._app: RunningApp | None = None
        #: Counts resets, so that what an earlier life left behind (timers, output) is not taken for this one's.
        self._life = 0
        self._output = _AppOutput()
        self.uart = Uart()

    def power_on(self) -> None:
        """Apply power with IO0 high."""
        self._start(ResetCause.POWERON, Strap.FLASH)

    def power_off(self) -> None:
        """Stop the app or the loader that runs at the moment."""
        self._stop()

    def surround(self, *, access_point: tuple[Way, ...], clock_factor: float) -> None:
        """Arrange what the kit's next app finds: where its Wi-Fi leads, and how fast its clock runs."""
        self._peripherals = replace(self._peripherals, access_point=access_point, clock_factor=clock_factor)

    def set_dtr(self, *, asserted: bool) -> None:
        """The host changes DTR."""
        self._on_edge(self._circuit.set_dtr(asserted=asserted))

    def set_rts(self, *, asserted: bool) -> None:
        """The host changes RTS."""
        self._on_edge(self._circuit.set_rts(asserted=asserted))

    def receive(self, data: bytes) -> None:
        """The host sends bytes to UART0's RX line."""
        if isinstance(self._loader, RomLoader) and not self._loader.is_synchronised:
            self._set_baud(self.uart.host_baud)  # the ROM measures the rate of the first SYNC
        data = self.uart.to_chip(data)
        if self._loader is not None:
            self._act(self._loader.receive(data))
        elif self._app is not None:
            self._app.uart_input(data)

    def _on_edge(self, edge: Edge) -> None:
        match edge:
            case Edge.RESET:
                self._stop()
            case Edge.RUN:
                self._start(ResetCause.POWERON, Strap.FLASH)
            case Edge.DOWNLOAD:
                disabled = self._efuses.is_uart_download_disabled
                self._start(ResetCause.POWERON, Strap.FLASH if disabled else Strap.DOWNLOAD)
            case Edge.NONE:
                pass

    def _stop(self) -> None:
        """EN is low: nothing runs, nothing is remembered but flash and fuses."""
        self._life += 1
        self._output.open_for(self._life)
        app, self._app, self._loader = self._app, None, None
        if app is not None:
            app.stop()

    def _start(self, cause: ResetCause, strap: Strap) -> None:
        self._stop()
        self._strap = strap
        self._memory = self._fresh_memory()
        self._set_baud(DEFAULT_BAUD)
        self._print(boot_rom.banner(cause, strap))
        if strap is Strap.DOWNLOAD:
            self._loader = RomLoader(self._flash, self._memory)
        else:
            self._boot(cause)

    def _boot(self, cause: ResetCause) -> None:
        """ROM from `configsip` on, second stage, app."""
        rom = boot_rom.load_second_stage(self._flash, self._efuses)
        self._print(rom.text)
        if rom.is_loaded:
            second = boot_loader.run(self._flash)
            self._print(second.text)
            if second.app_offset is None:
                self._retry(ResetCause.SW)
            else:
                self._start_app(second.app_offset, cause)
        elif rom.next_reset is not None:
            self._retry(rom.next_reset)

    def _retry(self, cause: ResetCause) -> None:
        self._wires.schedule(_RETRY_S, self._in_this_life(lambda: self._start(cause, self._strap)))

    def _start_app(self, offset: int, cause: ResetCause) -> None:
        peripherals = replace(self._peripherals, uart_write=self._app_writer(), reset=self._app_resetter())
        try:
            self._app = self._cpu.start(offset, cause, peripherals)
        except ValueError as error:
            self._wires.log(f"app at 0x{offset:x} cannot run: {error}")
            self._peripherals.lacks(f"a CPU for this app: {error}")

    def _app_writer(self) -> Callable[[bytes], None]:
        """Return a `uart_write` for the threads of the app that starts now."""
        life = self._life

        def write(data: bytes) -> None:
            if self._output.add(life, data):
                self._wires.post(self._flush_app_output)

        return write

    def _restart(self, cause: ResetCause) -> None:
        self._start(cause, self._strap)

    def _app_resetter(self) -> Callable[[ResetCause], None]:
        def reset(cause: ResetCause) -> None:
            self._wires.post(again[cause])

        again = {cause: self._in_this_life(partial(self._restart, cause)) for cause in ResetCause}
        return reset

    def _in_this_life(self, function: Callable[[], None]) -> Callable[[], None]:
        """Return `function`, but doing nothing once the chip was reset."""
        life = self._life

        def guarded() -> None:
            if self._life == life:
                function()

        return guarded

    def _flush_app_output(self) -> None:
        self._send(self._output.take())

    def _act(self, actions: list[Action]) -> None:
        output = bytearray()
        for action in actions:
            if isinstance(action, Send):
                output += action.data
            else:
                self._send(bytes(output))
                output.clear()
                self._do(action)
        self._send(bytes(output))

    def _do(self, action: SetBaud | SoftwareReset | BootFlash | RunCode) -> None:
        match action:
            case SetBaud(baud):
                self._set_baud(baud)
            case SoftwareReset(cause):
                self._start(cause, self._strap)
            case BootFlash():
                self._loader = None
                self._boot(ResetCause.POWERON)
            case RunCode(entry):
                self._run_code(entry)

    def _run_code(self, entry: int) -> None:
        """Start the stub if it is one; no other machine code can run here."""
        is_rom = isinstance(self._loader, RomLoader)
        self._loader = stub_at(entry, self._memory, self._flash)
        if self._loader is not None:
            self._send(GREETING)
            return
        self._wires.log(f"code in RAM at 0x{entry:08x} is not a flasher stub of the installed esptool and cannot run")
        if is_rom:
            self._print("user code done\r\n")

    def _set_baud(self, baud: int) -> None:
        self.uart.chip_baud = baud
        self._memory.set_baud(baud)

    def _fresh_memory(self) -> AddressSpace:
        return AddressSpace(self._efuses, self._spi, strap=self._strap.register)

    def _print(self, text: str) -> None:
        self._send(text.encode("utf-8", "backslashreplace"))

    def _send(self, data: bytes) -> None:
        if data:
            self._wires.send(self.uart.to_host(data))


class _AppOutput:
    """Collects what the app's threads print until the chip's thread takes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._life = 0
        self._pending = bytearray()

    def open_for(self, life: int) -> None:
        """Take output of this life only, and forget what is left of the one before."""
        with self._lock:
            self._life = life
            self._pending.clear()

    def add(self, life: int, data: bytes) -> bool:
        """Append output; say whether somebody has to be told to take it."""
        with self._lock:
            if life != self._life or len(self._pending) + len(data) > _MAX_PENDING_OUTPUT:
                return False
            is_first = not self._pending
            self._pending += data
            return is_first and bool(data)

    def take(self) -> bytes:
        """Return and forget what is pending."""
        with self._lock:
            data = bytes(self._pending)
            self._pending.clear()
            return data
