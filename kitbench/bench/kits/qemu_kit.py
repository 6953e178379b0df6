"""A kit in QEMU: its flash is a file, its reset is the monitor's, and it parks by ending.

QEMU has no EN and no IO0. `stop`, `system_reset` and `cont` of its monitor protocol (QMP) hold, restart and release the
machine; pytest-embedded-qemu starts a process for each test. Source: QEMU's qapi/misc.json, qapi/machine.json.
"""

import subprocess
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final, Self

from kitbench.bench.builds.firmware_build import FirmwareBuild
from kitbench.errors import BenchError, UsageError
from kitbench.forensics.reading import efuses
from kitbench.forensics.reading.flash_dump import FlashDump
from kitbench.kit.qemu import ERASED, FLASH_SIZES, efuse_register, factory_efuses, laid_over

STAGE: Final = "qemu"
STARTS_WITHIN_S: Final = 20.0
ENDS_WITHIN_S: Final = 10.0
ASK_EVERY_S: Final = 0.1
ANSWERS_WITHIN_S: Final = 10.0


class QemuFiles:
    """The chip's memory between processes: flash and eFuses, in a private folder, as the flash holds the run's key."""

    def __init__(self, folder: Path) -> None:
        self.flash = folder / "qemu_flash.bin"
        self.efuses = folder / "qemu_efuse.bin"
        self._laid: FirmwareBuild | None = None
        self.efuses.write_bytes(factory_efuses())

    @classmethod
    def left_in(cls, folder: Path) -> Self:
        """Return the files that an earlier process left in a folder; nothing in it is changed."""
        files = cls.__new__(cls)
        files.flash = folder / "qemu_flash.bin"
        files.efuses = folder / "qemu_efuse.bin"
        files._laid = None  # noqa: SLF001 - its own
        return files

    def lay(self, firmware: FirmwareBuild, *, erase_all: bool) -> Path:
        """Write a firmware into the flash, unless it is there already; return the file.

        Args:
            firmware: of any size that QEMU's flash chips have.
            erase_all: erase the whole flash first, not only what the firmware needs.

        Raises:
            UsageError: the project is for a flash of another size.
            KitError: its files do not fit into its flash.
        """
        if self._laid == firmware and not erase_all:
            return self.flash
        size = firmware.flash_size
        if size not in FLASH_SIZES:
            raise UsageError(
                f"QEMU has no flash of {size} bytes", stage="build", fix="CONFIG_ESPTOOLPY_FLASHSIZE_4MB=y"
            )
        is_erased = erase_all or self._laid is None or self._laid.flash_size != size
        before = ERASED * size if is_erased else self.flash.read_bytes()
        self.flash.write_bytes(laid_over(before, firmware.flash_files()))
        self._laid = firmware
        return self.flash

    def dump(self) -> FlashDump:
        """Return what is in the flash; nothing may run on it meanwhile.

        Raises:
            BenchError: a file is not there any more, or damaged.
        """
        began = datetime.now(UTC)
        try:
            data = self.flash.read_bytes()
            fields = efuses.read_esp32(partial(efuse_register, self.efuses.read_bytes()))
        except (OSError, ValueError) as error:
            raise BenchError(f"cannot read the flash of QEMU: {error}", stage="dump") from error
        if len(data) not in FLASH_SIZES:
            raise BenchError(f"the flash of QEMU has {len(data)} bytes now", stage="dump")
        return FlashDump(
            data=data,
            chip="ESP32",
            mac="",
            method="file",
            transferred=len(data),
            seconds=(datetime.now(UTC) - began).total_seconds(),
            time=began.isoformat(timespec="seconds"),
            efuses=fields,
        )


class QemuControl:
    """A machine that pytest-embedded's `Qemu` has started; that is untyped, and a `subprocess.Popen`."""

    def __init__(self, dut: Any, files: QemuFiles) -> None:
        self._qemu = dut.qemu
        self._log = Path(dut.logfile)
        self._files = files
        self._monitor = threading.Lock()  # it serves one client at a time
        self._is_parked = False
        self._has_answered = False

    def restart(self) -> None:
        """Reset the machine, and let it run where it was held."""
        self._execute("system_reset", "cont")

    def hold(self) -> None:
        """Stop the machine, and reset it so that nothing of it is left to go on; any thread may call it."""
        self._execute("stop", "system_reset")

    def release(self) -> None:
        """Let the machine start over."""
        self._execute("system_reset", "cont")

    def park(self) -> None:
        """End the machine; what it wrote is in the files then. Idempotent."""
        if self._is_parked:
            return
        self._is_parked = True
        with suppress(BenchError):
            self._execute("quit")
        try:
            self._qemu.wait(ENDS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self._qemu.kill()
            self._qemu.wait()
        self._qemu.stdin.close()

    def close(self) -> None:
        """End the machine, so that its flash can be read."""
        self.park()

    def send(self, data: bytes) -> None:
        """Send bytes to the kit's UART: QEMU's standard input."""
        self._qemu.write(data)

    def check(self) -> None:
        """Make sure that QEMU still runs: one that ended says nothing of the firmware.

        Raises:
            BenchError: it ended by itself; with its last line, which says why.
        """
        status = self._qemu.poll()
        if status is not None and not self._is_parked:
            lines = self._log.read_text(encoding="utf-8", errors="replace").split("\n")
            said = next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
            raise BenchError(f"QEMU ended by itself with status {status}; it said last: {said[:200]}", stage=STAGE)

    def lacks(self) -> str:
        """Return nothing: the very image runs, and what QEMU lacks nobody tells."""
        return ""

    def forget_gaps(self) -> None:
        """Find nothing to forget."""

    def write_flash(self, offset: int, content: bytes) -> None:
        """Refuse: the flash is in QEMU's hands while it runs.

        Raises:
            BenchError: always.
        """
        place = f"{len(content)} bytes at {offset:#x}"
        raise BenchError(f"QEMU's flash takes no {place} while it runs", stage=STAGE)

    def holds(self, offset: int, content: bytes) -> bool:
        """Look into the very file that QEMU runs on."""
        return self._files.flash.read_bytes()[offset : offset + len(content)] == content

    def read_flash(self, known: bytes) -> FlashDump:
        """Return the flash from the very file that QEMU ran on; `known` is no help here."""
        del known
        self.park()  # a machine that runs might write meanwhile
        return self._files.dump()

    def _execute(self, *commands: str) -> None:
        with self._monitor:
            self._await_start()
            for command in commands:
                self._tell(command)

    def _await_start(self) -> None:
        """Ask until the monitor answers: pytest-embedded does not wait for the process that it starts."""
        deadline = time.monotonic() + STARTS_WITHIN_S
        while not self._has_answered:
            self.check()
            if self._qemu.poll() is not None:
                raise BenchError("QEMU has ended", stage=STAGE)
            try:
                self._tell("query-status")
                self._has_answered = True
            except BenchError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(ASK_EVERY_S)

    def _tell(self, command: str) -> None:
        """Execute one command; the client itself would wait for ever."""
        failures: list[Exception | None] = []

        def ask() -> None:
            try:
                self._qemu.qmp_execute_cmd(command)
            except Exception as error:  # noqa: BLE001 - qemu.qmp has errors of many kinds; it is told below
                failures.append(error)
            else:
                failures.append(None)

        client = threading.Thread(target=ask, name=f"QMP {command}", daemon=True)
        client.start()
        client.join(ANSWERS_WITHIN_S)
        failure = failures[0] if failures else TimeoutError(f"no answer within {ANSWERS_WITHIN_S:g} s")
        if failure is not None:
            self.check()
            raise BenchError(f"QEMU's monitor does not take {command!r}: {failure}", stage=STAGE) from failure
