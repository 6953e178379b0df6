"""A kit that runs its firmware, seen through pytest-embedded's dut: lines expected, resets, power held, console."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pexpect

from kitbench.bench.kits.crash_watch import CrashWatch
from kitbench.bench.kits.kit_control import KitControl
from kitbench.bench.records.run_report import one_line
from kitbench.errors import KitError
from kitbench.forensics.reading.flash_dump import FlashDump
from kitbench.kit.console import Console, frame

ANSI_COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
CONSOLE_READY: Final = "Provisioning console ready"
CALL_EVERY_S: Final = 0.1
#: How often a wait looks whether the kit has crashed.
LOOK_EVERY_S: Final = 0.25
BOOT_S: Final = 3.0
#: A kit that is held prints nothing more, and what it printed is written long before: a bound for one that is not held.
SETTLES_WITHIN_S: Final = 10.0


class RunningKit:
    """What tests do with a kit. `dut` is pytest-embedded's, which is untyped; `control` has the kit in hand."""

    def __init__(self, dut: Any, control: KitControl, *, crashes: CrashWatch, stage: str = "run") -> None:
        self._dut = dut
        self._control = control
        self._crashes = crashes
        self._stage = stage

    def check(self) -> None:
        """Raise when waiting for the kit has become pointless; every wait calls this over and over.

        Raises:
            KitCrashedError: it has crashed since the bench last restarted it; the message is the panic with its place,
                or says that it is a boot loop.
            BenchError: it cannot answer because of the bench.
        """
        self._crashes.check()
        self._control.check()

    def lacks(self) -> str:
        """Return what the firmware asked for and this kit, being a stand-in, lacks; "" for nothing."""
        return self._control.lacks()

    def forget_gaps(self) -> None:
        """Forget what it was found to lack: another test begins."""
        self._control.forget_gaps()

    def expect(self, pattern: str | re.Pattern[bytes], *, within_s: float, what: str = "") -> re.Match[bytes]:
        """Return the first match in what the kit prints from now on.

        Raises:
            KitCrashedError: the kit crashed before it came.
            KitError: it did not come in time; the message says what was awaited and what came last.
            BenchError: it could not come.
        """
        try:
            return _await_line(self._dut, pattern, within_s=within_s, unless=self.check)
        except TimeoutError as error:
            awaited = what or _readable(pattern)
            raise KitError(
                f"no {awaited!r} on the serial line within {within_s:g} s; the last line was {self.last_line()!r}",
                stage=self._stage,
            ) from error

    def expect_text(self, text: str, *, within_s: float) -> re.Match[bytes]:
        """Return the match of a literal text; raises KitError as `expect` does."""
        return self.expect(re.compile(re.escape(text.encode())), within_s=within_s, what=text)

    def serial_log(self) -> str:
        """Return everything that this kit printed since it was opened, colours removed."""
        with open(self._dut.logfile, encoding="utf-8", errors="replace") as file:  # noqa: PTH123 - a path of theirs
            return ANSI_COLOUR.sub("", file.read())

    def log_size(self) -> int:
        """Return how many bytes the serial log has."""
        log = Path(self._dut.logfile)
        return log.stat().st_size if log.exists() else 0

    def log_since(self, offset: int) -> str:
        """Return what was printed after the first `offset` bytes of the serial log, colours removed."""
        with Path(self._dut.logfile).open("rb") as file:
            file.seek(offset)
            return ANSI_COLOUR.sub("", file.read().decode(errors="replace"))

    def settled_log(self, *, quiet_s: float = 0.3, within_s: float = SETTLES_WITHIN_S) -> str:
        """Return the log once nothing has been added for `quiet_s`: pytest-embedded writes it with a delay.

        Raises:
            KitError: it still grows after `within_s`; hold a kit that goes on printing first.
        """
        deadline = time.monotonic() + within_s
        log = self.serial_log()
        while time.monotonic() < deadline:
            time.sleep(quiet_s)
            later = self.serial_log()
            if len(later) == len(log):
                return later
            log = later
        raise KitError(
            f"the serial line is not quiet within {within_s:g} s; the last line was {self.last_line()!r}",
            stage=self._stage,
        )

    def last_line(self) -> str:
        """Return the last line printed, shortened for a message."""
        lines = [line for line in self.serial_log().splitlines() if line.strip()]
        return one_line(lines[-1])[:100] if lines else ""

    def restart(self) -> None:
        """Let the chip start over."""
        self._crashes.reset()
        self._control.restart()

    @contextmanager
    def held_in_reset(self) -> Iterator[None]:
        """Let nothing run and nothing be sent; the firmware starts over afterwards."""
        self.hold()
        try:
            yield
        finally:
            self._control.release()

    def hold(self) -> None:
        """Let nothing run until `restart`; any thread may call it."""
        self._crashes.reset()
        self._control.hold()

    def park(self) -> None:
        """Leave the kit where it runs nothing and sends nothing."""
        self._control.park()

    def close(self) -> None:
        """Park the kit and let go of it; only its flash is of use afterwards."""
        self._control.close()

    def write_flash(self, offset: int, content: bytes) -> None:
        """Write into flash; the kit restarts."""
        self._control.write_flash(offset, content)
        # Only now does the port have the console's rate again: what a kit prints before is lost.
        self.restart()

    def holds(self, offset: int, content: bytes) -> bool:
        """Say whether the kit's flash has this content at an offset; the kit restarts."""
        is_there = self._control.holds(offset, content)
        self.restart()
        return is_there

    def read_flash(self, known: bytes) -> FlashDump:
        """Return the whole flash of a closed kit; `known` is what it probably begins with."""
        return self._control.read_flash(known)

    def enter_console(self, *, within_s: float = 10.0) -> None:
        """Restart and call until the provisioning console answers: it listens for a moment at each boot.

        A boot whose moment is missed (the bench was busy, the kit's clock runs fast) is followed by another one.

        Raises:
            KitError: it does not, or the kit crashes.
        """
        deadline = time.monotonic() + within_s
        while time.monotonic() < deadline:
            self.restart()
            if self._is_console_called(min(deadline, time.monotonic() + BOOT_S)):
                return
        raise KitError(f"the provisioning console does not answer within {within_s:g} s", stage="console")

    def _is_console_called(self, deadline: float) -> bool:
        while time.monotonic() < deadline:
            self._control.send(frame("HELLO"))
            with suppress(pexpect.TIMEOUT):
                self._dut.expect_exact(CONSOLE_READY, timeout=CALL_EVERY_S)
                return True
            self.check()
        return False

    @property
    def console(self) -> Console:
        """The provisioning console of the `atecc608a` firmware."""
        return Console(_DutLine(self._dut, self._control, self.check))


class _DutLine:
    """The console's line over a dut; the echo of prompts and log lines in between is skipped."""

    def __init__(self, dut: Any, control: KitControl, check: Callable[[], None]) -> None:
        self._dut = dut
        self._control = control
        self._check = check

    def write(self, data: bytes) -> None:
        self._control.send(data)

    def expect(self, pattern: re.Pattern[bytes], *, timeout_s: float) -> re.Match[bytes]:
        return _await_line(self._dut, pattern, within_s=timeout_s, unless=self._check)


def _await_line(
    dut: Any, pattern: str | re.Pattern[bytes], *, within_s: float, unless: Callable[[], None]
) -> re.Match[bytes]:
    """Return the first match; `unless` is called several times a second and raises to end the wait."""
    deadline = time.monotonic() + within_s
    while True:
        left_s = deadline - time.monotonic()
        try:
            # What matched nothing stays in pexpect's buffer, and is looked at again in the next turn.
            match: re.Match[bytes] = dut.expect(pattern, timeout=max(0.0, min(left_s, LOOK_EVERY_S)))
        except pexpect.TIMEOUT as error:
            unless()
            if left_s <= LOOK_EVERY_S:
                raise TimeoutError from error
        else:
            return match


def _readable(pattern: str | re.Pattern[bytes]) -> str:
    return pattern if isinstance(pattern, str) else pattern.pattern.decode(errors="replace")
