"""The hands on a kit: power, serial input, flash. Each way of running one has its own, and what they do is the same."""

import hashlib
import tempfile
import time
from typing import Any, Final, Protocol

import esptool
from pytest_embedded_serial_esp.serial import EspSerial

from kitbench.bench.gap_file import GapFile, Gaps
from kitbench.forensics.reading.flash_dump import FlashDump
from kitbench.forensics.reading.flash_reader import read_flash

EN_LOW_S: Final = 0.1


class KitControl(Protocol):
    """What can be done to a kit from outside."""

    def restart(self) -> None:
        """Let the chip start over."""

    def hold(self) -> None:
        """Let nothing run until `release` or `restart`; any thread may call it."""

    def release(self) -> None:
        """Let a kit that is held start over."""

    def park(self) -> None:
        """Leave the kit where it runs nothing and sends nothing, also after this process; idempotent."""

    def close(self) -> None:
        """Park the kit and let go of it, so that its flash can be read; nothing but that works afterwards."""

    def send(self, data: bytes) -> None:
        """Send bytes to the kit's UART."""

    def check(self) -> None:
        """Raise BenchError where the kit cannot answer because of the bench."""

    def lacks(self) -> str:
        """Return what the firmware asked for and the kit, being a stand-in, lacks; "" for nothing."""

    def forget_gaps(self) -> None:
        """Forget what it was found to lack: another test begins."""

    def write_flash(self, offset: int, content: bytes) -> None:
        """Write into the kit's flash; what runs afterwards is the caller's business."""

    def holds(self, offset: int, content: bytes) -> bool:
        """Say whether the kit's flash has this content at an offset; what runs afterwards is the caller's business."""

    def read_flash(self, known: bytes) -> FlashDump:
        """Return the whole flash of a closed kit; `known` is what it probably begins with."""


class SerialControl:
    """A kit on a serial port: EN and IO0 hang on RTS and DTR, the flash is behind the ROM loader.

    `dut` is pytest-embedded's `IdfDut`, which is untyped; `gaps` is where a kit in software says what it lacks.
    """

    def __init__(self, dut: Any, port: str, *, gaps: Gaps | None = None) -> None:
        self._gaps: Gaps = gaps or GapFile()
        self._serial = dut.serial
        self._lines = dut.serial.proc
        self._port = port

    def restart(self) -> None:
        """Pulse EN: the chip starts over."""
        self._serial.hard_reset()

    def hold(self) -> None:
        """Pull EN low and leave it so; any thread may call it."""
        self._lines.setDTR(False)
        self._lines.setRTS(True)

    def release(self) -> None:
        """Let go of EN."""
        self._lines.setRTS(False)

    def park(self) -> None:
        """Restart into the ROM's download mode, where the kit stays silent even after the port is closed.

        Releasing EN with IO0 low (DTR set) selects it: ESP32 datasheet, strapping pins.
        """
        self.hold()
        time.sleep(EN_LOW_S)
        self._lines.setDTR(True)
        self._lines.setRTS(False)
        time.sleep(EN_LOW_S / 2)
        self._lines.setDTR(False)

    def close(self) -> None:
        """Park the kit and free its port for others."""
        self.park()
        self._serial.close()

    def send(self, data: bytes) -> None:
        """Send bytes to the kit's UART."""
        self._lines.write(data)

    def check(self) -> None:
        """Find nothing: a port that fails says so itself."""

    def lacks(self) -> str:
        """Return the first thing that the firmware asked a kit in software for in vain."""
        return self._gaps.first()

    def forget_gaps(self) -> None:
        """Drop the serial lines that were read so far."""
        self._gaps.forget()

    def write_flash(self, offset: int, content: bytes) -> None:
        """Write over pytest-embedded's own esptool connection."""
        with tempfile.NamedTemporaryFile(suffix=".bin") as file:
            file.write(content)
            file.flush()
            write = EspSerial.use_esptool()(_write_flash)
            write(self._serial, offset, file.name)

    def holds(self, offset: int, content: bytes) -> bool:
        """Compare the digest that the chip computes of its flash, over pytest-embedded's own esptool connection."""
        digest: str = EspSerial.use_esptool()(_flash_md5)(self._serial, offset, len(content))
        return digest == hashlib.md5(content, usedforsecurity=False).hexdigest()

    def read_flash(self, known: bytes) -> FlashDump:
        """Return the flash as the ROM loader's stub reads it; the kit stays in download mode."""
        return read_flash(self._port, known=known, after="no-reset")


def _flash_md5(serial: Any, offset: int, size: int) -> str:
    return str(serial.esp.flash_md5sum(offset, size))


def _write_flash(serial: Any, offset: int, path: str) -> None:
    esptool.main(["--baud", "921600", "--after", "no-reset", "write-flash", hex(offset), path], esp=serial.esp)
