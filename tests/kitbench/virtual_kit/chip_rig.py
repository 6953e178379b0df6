"""A chip on a bench of its own: no port, no thread, no clock; and the images that its flash may hold."""

import struct
from collections.abc import Callable
from dataclasses import dataclass, field

from kitbench.board.board import Board
from kitbench.flash_format import app_image, partition_table
from kitbench.flash_format.app_image import AppDescription, Segment
from kitbench.flash_format.partition_table import Partition
from kitbench.virtual_kit import app_module
from kitbench.virtual_kit.board.table import Table
from kitbench.virtual_kit.chip import Chip, ChipWires
from kitbench.virtual_kit.hardware.cpu_interface import Peripherals, ResetCause
from kitbench.virtual_kit.hardware.efuse import Efuses
from kitbench.virtual_kit.hardware.flash_image import FlashImage
from kitbench.virtual_kit.loaders import slip

MAC = bytes.fromhex("240ac4010203")
APP_OFFSET = 0x10000
PARTITIONS = (
    Partition("nvs", 1, 2, 0x9000, 0x6000),
    Partition("phy_init", 1, 1, 0xF000, 0x1000),
    Partition("factory", 0, 0, APP_OFFSET, 0x100000),
)
DESCRIPTION = AppDescription("1", "subscribe_publish", "12:00:00", "Jan  1 2026", "v5.1.4", bytes(32))


@dataclass
class FakeApp:
    """An app that has been started."""

    offset: int
    cause: ResetCause
    peripherals: Peripherals
    received: bytearray = field(default_factory=bytearray)
    is_stopped: bool = False

    def uart_input(self, data: bytes) -> None:
        """Keep what came in."""
        self.received += data

    def stop(self) -> None:
        """Remember that EN went low."""
        self.is_stopped = True


@dataclass
class FakeCpu:
    """Remembers the apps it was asked to start; refuses with `refusal` where there is one."""

    apps: list[FakeApp] = field(default_factory=list)
    refusal: str = ""
    says: bytes = b""

    def start(self, app_offset: int, reset_cause: ResetCause, peripherals: Peripherals) -> FakeApp:
        """Start an app that prints `says`."""
        if self.refusal:
            raise ValueError(self.refusal)
        self.apps.append(FakeApp(app_offset, reset_cause, peripherals))
        if self.says:
            peripherals.uart_write(self.says)
        return self.apps[-1]


class ChipRig:
    """A chip whose output, log and timers a test holds in its hands."""

    def __init__(self, flash: FlashImage | None = None, efuses: Efuses | None = None) -> None:
        self.flash = FlashImage() if flash is None else flash
        self.efuses = Efuses(mac=MAC) if efuses is None else efuses
        self.cpu = FakeCpu()
        self.sent = bytearray()
        self.log: list[str] = []
        self.timers: list[tuple[float, Callable[[], None]]] = []
        self.posted: list[Callable[[], None]] = []
        self.chip = self._make_chip()

    def _make_chip(self) -> Chip:
        wires = ChipWires(
            send=self.sent.extend,
            post=self.posted.append,
            schedule=lambda seconds, function: self.timers.append((seconds, function)),
            log=self.log.append,
        )
        peripherals = Peripherals(
            flash=self.flash,
            mac=self.efuses.mac,
            uart_write=lambda _: None,
            reset=lambda _: None,
            secure_element=None,
            access_point=(),
            clock_factor=1.0,
            log=self.log.append,
            table=Table(Board("bare")),
        )
        return Chip(flash=self.flash, efuses=self.efuses, cpu=self.cpu, peripherals=peripherals, wires=wires)

    def take(self) -> bytes:
        """Return what the chip has sent since the last call."""
        sent = bytes(self.sent)
        self.sent.clear()
        return sent

    def take_text(self) -> str:
        """Return what the chip has printed since the last call."""
        return self.take().decode()

    def run_posted(self) -> None:
        """Let the chip's thread do what was posted to it."""
        posted, self.posted[:] = list(self.posted), []
        for function in posted:
            function()

    def run_timers(self) -> None:
        """Let all timers expire."""
        timers, self.timers[:] = list(self.timers), []
        for _, function in timers:
            function()

    def enter_download_mode(self) -> None:
        """Do the classic reset, as esptool does it, and forget what the ROM says."""
        self.chip.set_dtr(asserted=False)
        self.chip.set_rts(asserted=True)
        self.chip.set_dtr(asserted=True)
        self.chip.set_rts(asserted=False)
        self.chip.set_dtr(asserted=False)
        self.take()

    def hard_reset(self) -> None:
        """Pulse EN with IO0 high."""
        self.chip.set_rts(asserted=True)
        self.chip.set_rts(asserted=False)

    def command(self, opcode: int, data: bytes = b"", *, checksum: int = 0) -> list[bytes]:
        """Send a command; return the payloads of the frames that come back."""
        self.chip.receive(request(opcode, data, checksum=checksum))
        return slip.SlipDecoder().feed(self.take())


def request(
    opcode: int, data: bytes = b"", *, checksum: int = 0, direction: int = 0, length: int | None = None
) -> bytes:
    """Return a command as it stands on the wire."""
    size = len(data) if length is None else length
    return slip.encode(struct.pack("<BBHI", direction, opcode, size, checksum) + data)


def words(*values: int) -> bytes:
    """Return little-endian words."""
    return struct.pack(f"<{len(values)}I", *values)


def block(data: bytes, sequence: int) -> bytes:
    """Return the data of a DATA command."""
    return words(len(data), sequence, 0, 0) + data


def make_bootloader() -> bytes:
    """Return a small second-stage boot loader."""
    return app_image.serialize([Segment(0x3FFF0030, bytes(range(256)) * 4)], entry=0x4008064C)


def make_app(module: bytes = b"\0asm\1\0\0\0" + bytes(5000)) -> bytes:
    """Return an app image that carries a module."""
    return app_image.serialize(app_module.embed(module, DESCRIPTION), entry=0x400D0020)


def make_flash(*, app: bytes | None = None, table: bytes | None = None, bootloader: bytes | None = None) -> FlashImage:
    """Return a flash that boots, or one with the given parts in place of the good ones."""
    flash = FlashImage()
    flash.program(0x1000, make_bootloader() if bootloader is None else bootloader)
    flash.program(0x8000, partition_table.serialize(PARTITIONS) if table is None else table)
    flash.program(APP_OFFSET, make_app() if app is None else app)
    return flash
