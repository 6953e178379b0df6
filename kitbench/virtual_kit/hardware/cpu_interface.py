"""What the running app of a virtual kit may touch: the seam between the chip and its CPU.

The chip (EN, IO0, UART, flash, eFuses) lives in `chip`; the CPU that runs the app's WebAssembly lives in `cpu`.
They meet here and nowhere else.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from kitbench.board.wifi import Wifi

#: Host and port as the firmware says them, and where they really are when that is somewhere else.
Way: TypeAlias = tuple[str, int] | tuple[str, int, str, int]


class ResetCause(Enum):
    """Why the chip starts over, as the ROM prints it (`rst:0x1 (POWERON_RESET)`); ESP32 TRM, reset sources."""

    POWERON = (0x1, "POWERON_RESET")
    SW = (0x3, "SW_RESET")
    DEEPSLEEP = (0x5, "DEEPSLEEP_RESET")
    TG1WDT_SYS = (0x8, "TG1WDT_SYS_RESET")
    SW_CPU = (0xC, "SW_CPU_RESET")
    RTCWDT_RTC = (0x10, "RTCWDT_RTC_RESET")


class Flash(Protocol):
    """The SPI flash with NOR semantics: programming clears bits, erasing sets a 4 KB sector to 0xFF."""

    @property
    def size(self) -> int:
        """Bytes."""

    def read(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset`."""

    def program(self, offset: int, data: bytes) -> None:
        """AND `data` into the flash at `offset`."""

    def erase(self, offset: int, size: int) -> None:
        """Set whole sectors to 0xFF; both arguments are multiples of 4096."""


class SecureElementBus(Protocol):
    """An ATECC608A on an I2C bus, as the driver of a host sees it. Raises OSError when nothing acknowledges."""

    @property
    def address(self) -> int | None:
        """The address of eight bits that it answers to, None where nothing is fitted."""

    def wake(self) -> bytes:
        """Wake the chip; return its 4-byte wake response (04 11 33 43)."""

    def send(self, packet: bytes) -> None:
        """Send a command packet (count, opcode, param1, param2, data, CRC) with its word address 0x03 left out."""

    def receive(self) -> bytes:
        """Return the chip's reply (count, data or status, CRC)."""

    def idle(self) -> None:
        """Stop the watchdog and keep TempKey."""

    def sleep(self) -> None:
        """Stop the watchdog and forget TempKey."""


class Parts(Protocol):
    """The parts on the table, as pins see them; `kitbench.virtual_kit.board.table.Table`. Any thread may call them."""

    @property
    def lamp_pins(self) -> tuple[int, ...]:
        """The pins at which somebody looks what they put out."""

    @property
    def wire_pins(self) -> tuple[int, ...]:
        """The pins at which a part answers on a single wire."""

    def begin(self) -> None:
        """Note that the chip has started over: its pins drive nothing, and its clock begins at 0."""

    def transfer(self, wires: tuple[int, int], script: bytes, now_us: int) -> bytes:
        """Run an I2C transaction at SDA and SCL; raise NotAcknowledgedError, or ValueError for what is no script."""

    def voltage(self, pin: int) -> float | None:
        """Return the voltage at a pin, None where it is open."""

    def drive(self, pin: int, high: float | None, frequency: int) -> None:
        """Take what a pin puts out: for which part of the time it is high, None for nothing."""

    def answer(self, pin: int, low_us: int, now_us: int) -> tuple[int, ...]:
        """Return the levels, in microseconds, that answer to a wire which was low for so long."""

    def has_secure_element(self, wires: tuple[int, int], address: int) -> bool:
        """Say whether the secure element is at SDA and SCL, and answers to this address of eight bits."""


@dataclass(frozen=True, slots=True)
class Peripherals:
    """Everything outside the CPU.

    Attributes:
        flash: the kit's own flash.
        mac: six bytes of the factory MAC address, from eFuse.
        uart_write: sends bytes out of UART0; never blocks for long; any thread may call it.
        reset: asks the chip to start over; returns at once; the CPU is then stopped by the chip.
        secure_element: the bus with the ATECC608A, or None where none is fitted.
        access_point: the ways that the kit's Wi-Fi leads; everything else is unreachable.
        clock_factor: how much faster `vTaskDelay` and timers run than real time (1.0 = real time).
        log: one line into the kit's own log, which the firmware cannot write to.
        table: the parts that are wired to the pins.
        lacks: is told what the firmware asked for and this kit lacks, by which an instructor counts gaps: what the
            firmware does afterwards is not held against it.
        wifi: the network that the access point opens; None opens every one.
        stand_in_root: PEM of the root that is trusted wherever firmware trusts Amazon's; empty for none.
    """

    flash: Flash
    mac: bytes
    uart_write: Callable[[bytes], None]
    reset: Callable[[ResetCause], None]
    secure_element: SecureElementBus | None
    access_point: tuple[Way, ...]
    clock_factor: float
    log: Callable[[str], None]
    table: Parts
    lacks: Callable[[str], None] = lambda _feature: None
    stand_in_root: bytes = b""
    wifi: Wifi | None = None


class RunningApp(Protocol):
    """An app that the boot loader has started."""

    def uart_input(self, data: bytes) -> None:
        """Bytes that arrived on UART0's RX line."""

    def stop(self) -> None:
        """EN went low: stop every task within 100 ms and close every connection; idempotent."""


class Cpu(Protocol):
    """Starts apps. `app_offset` is the flash offset of the app image that the second-stage boot loader chose."""

    def start(self, app_offset: int, reset_cause: ResetCause, peripherals: Peripherals) -> RunningApp:
        """Load the app image from flash at `app_offset`, run it in threads of its own, return at once.

        Raises:
            ValueError: the image holds no module that this CPU can run.
        """
