"""The monitor: the serial line on this terminal, keys back to the kit, remarks beside it. The I/O shell of a run."""

import contextlib
import os
import select
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TextIO

import serial

from kitbench.bench.project_run.backtrace_names import BacktraceNames
from kitbench.bench.project_run.keys import HELP, Keys, Order
from kitbench.bench.project_run.remark_screen import RemarkScreen
from kitbench.bench.project_run.serial_text import SerialText
from kitbench.bench.project_run.set_up_remarks import Remark
from kitbench.errors import BenchError
from kitbench.kit.serial_port import use_quick_rfc2217

_CHUNK: Final = 4096
_EN_LOW_S: Final = 0.1
_BAUD: Final = 115200
_READ_WITHIN_S: Final = 0.05


@contextlib.contextmanager
def open_port(name: str, baud: int = _BAUD) -> Iterator[Any]:
    """Yield the serial port, EN and IO0 high.

    Raises:
        BenchError: it cannot be opened.
    """
    use_quick_rfc2217()
    port = serial.serial_for_url(name, do_not_open=True, baudrate=baud, timeout=_READ_WITHIN_S)
    port.dtr = port.rts = False
    try:
        port.open()
    except (serial.SerialException, OSError) as error:
        raise BenchError(f"cannot open {name}: {error}", stage="monitor") from error
    with port:
        yield port


@dataclass(frozen=True, slots=True)
class Monitor:
    """Shows one kit until it is left.

    Attributes:
        port: the open serial port (pyserial's).
        remarks: returns the new remarks since it was last asked.
        names: gives names to a panic's addresses.
    """

    port: Any
    remarks: Callable[[], Iterable[Remark]]
    names: BacktraceNames

    def run(self, seconds: float | None = None) -> None:
        """Show the line until the user leaves, or the time is over; the kit is reset first.

        Raises:
            BenchError: the kit was unplugged, or its virtual stand-in ended.
        """
        text, keys = SerialText(sys.stdout.isatty()), Keys()
        screen = RemarkScreen(sys.stderr)
        deadline = None if seconds is None else time.monotonic() + seconds
        with _typing() as typed, contextlib.suppress(KeyboardInterrupt):
            self.reset()
            while deadline is None or time.monotonic() < deadline:
                shown = text.take(self._read())
                _write(sys.stdout, shown)
                screen.follow(shown)
                for line in self.names.of(shown):
                    screen.say(line)
                for remark in self.remarks():
                    screen.show(remark)
                if not self._obey(*keys.typed(typed()), screen):
                    return

    def reset(self) -> None:
        """Pulse EN, IO0 high: the app starts over.

        Raises:
            BenchError: the kit is gone.
        """
        with _kit_there():
            self.port.dtr, self.port.rts = False, True
            time.sleep(_EN_LOW_S)
            self.port.reset_input_buffer()
            self.port.rts = False

    def _read(self) -> bytes:
        with _kit_there():
            data: bytes = self.port.read(max(1, min(self.port.in_waiting, _CHUNK)))
        return data

    def _obey(self, through: bytes, orders: list[Order], screen: RemarkScreen) -> bool:
        """Do as the keys say; return whether to go on."""
        if through:
            with _kit_there():
                self.port.write(through)
        for order in orders:
            if order is Order.LEAVE:
                return False
            if order is Order.RESET:
                self.reset()
            else:
                screen.say(HELP)
        return True


@contextlib.contextmanager
def _kit_there() -> Iterator[None]:
    # Around the port alone: a standard output that is closed is an OSError, too.
    try:
        yield
    except Exception as error:  # of a line that is gone, termios has an error of its own, too
        why = (str(error).splitlines() or [type(error).__name__])[0]
        raise BenchError(f"the kit is gone: {why}", stage="monitor", fix="check its cable, and start again") from error


def _write(stream: TextIO, text: str) -> None:
    if text:
        stream.write(text)
        stream.flush()


@contextlib.contextmanager
def _typing() -> Iterator[Callable[[], bytes]]:
    """Yield what returns the bytes typed since it was last asked; a terminal gives each key at once, unechoed."""
    try:
        descriptor = sys.stdin.fileno()
    except (OSError, ValueError, AttributeError):
        yield lambda: b""
        return
    with _raw(descriptor):
        open_ = [descriptor]

        def typed() -> bytes:
            if not open_ or not select.select(open_, [], [], 0)[0]:
                return b""
            try:
                data = os.read(descriptor, _CHUNK)
            except OSError:
                data = b""
            if not data:  # the pipe ended; the kit goes on
                open_.clear()
            return data

        yield typed


@contextlib.contextmanager
def _raw(descriptor: int) -> Iterator[None]:
    if not os.isatty(descriptor):
        yield
        return
    import termios  # noqa: PLC0415 - of terminals alone
    import tty  # noqa: PLC0415 - as above

    before = termios.tcgetattr(descriptor)
    tty.setcbreak(descriptor, termios.TCSANOW)
    try:
        during = termios.tcgetattr(descriptor)
        during[3] &= ~(termios.ISIG | termios.IEXTEN)  # Ctrl-] and Ctrl-T are keys like others
        termios.tcsetattr(descriptor, termios.TCSANOW, during)
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)
