"""Watches the serial log of a running kit, so that no wait goes on for what a crashed kit will never do."""

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from kitbench.bench.kits.kit_crash import KitCrash, crash_in
from kitbench.errors import KitError
from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.kit.backtrace import ASKED_FOR, LINE_LIMIT, RESET, is_boot_loop, summary, tells_of_a_crash

#: After a panic the kit has this long, in seconds, to print its backtrace, and to panic again: then it is a boot loop.
LOOP_WITHIN_S: Final = 2.0
#: What is read of a log at once, and what is kept of it: a flood takes its turns.
READ_SIZE: Final = 1 << 20
LINES_LIMIT: Final = 1000
NO_NAMES: Final = SymbolTable((), (), ())


class KitCrashedError(KitError):
    """The kit panicked or restarts by itself, so what a test waits for will not come."""

    def __init__(self, crash: KitCrash) -> None:
        super().__init__(crash.summary, stage="run")
        self.crash = crash


class CrashWatch:
    """The crashes since the bench last restarted the kit.

    Only what follows the boot ROM's own line about that restart counts: what the kit printed before it comes late, as
    pytest-embedded writes the log from another process.

    Args:
        log: pytest-embedded's, which may grow while it is read.
        elf: of the firmware that runs, for the names in a backtrace.
        clock: seconds, monotonic.
    """

    def __init__(self, log: Path, elf: Path, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._elf = elf
        self._clock = clock
        self._lock = threading.Lock()
        self._offset = 0
        self._rest = b""
        self._lines: list[str] = []
        self._awaits_boot = False
        self._crashed_at: float | None = None

    def reset(self) -> None:
        """Begin anew, as the bench restarts the kit now; any thread may say so."""
        with self._lock:
            self._offset = self._log.stat().st_size if self._log.exists() else 0
            self._rest = b""
            self._awaits_boot = True
            self._forget()

    def check(self) -> None:
        """Raise when the kit crashed.

        Raises:
            KitCrashedError: it did, and had its time to print why.
        """
        with self._lock:
            self._read()
            told = "\n".join(self._lines)
            if not summary(told, NO_NAMES):
                return
            now = self._clock()
            self._crashed_at = now if self._crashed_at is None else self._crashed_at
            if not is_boot_loop(told) and now - self._crashed_at < LOOP_WITHIN_S:
                return
        raise KitCrashedError(crash_in(told, self._elf))

    def _read(self) -> None:
        if not self._log.exists():
            return
        with self._log.open("rb") as file:
            file.seek(self._offset)
            fresh = file.read(READ_SIZE)
        self._offset += len(fresh)
        *lines, rest = (self._rest + fresh).split(b"\n")
        self._rest = rest[:LINE_LIMIT]
        for line in lines:
            self._take(line[:LINE_LIMIT].decode(errors="replace"))

    def _take(self, line: str) -> None:
        restarted = RESET.search(line)
        if restarted and restarted[1] in ASKED_FOR:
            self._awaits_boot = False
            self._forget()
        elif not self._awaits_boot and len(self._lines) < LINES_LIMIT and tells_of_a_crash(line):
            self._lines.append(line)

    def _forget(self) -> None:
        self._lines.clear()
        self._crashed_at = None
