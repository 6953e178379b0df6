"""A crash in a growing serial log ends a wait; what the bench asked for itself never does."""

from pathlib import Path
from typing import Final

import pytest

from kitbench.bench.kits.crash_watch import LINES_LIMIT, LOOP_WITHIN_S, READ_SIZE, CrashWatch, KitCrashedError
from kitbench.errors import Fault

BOOT: Final = "ets Jul 29 2019 12:21:46\r\n\r\nrst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
AGAIN: Final = "rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
HELLO: Final = "I (31) app: hello\r\n"
PANIC: Final = "Guru Meditation Error: Core  0 panic'ed (StoreProhibited). Exception was unhandled.\r\n"
BACKTRACE: Final = "Backtrace: 0x400d0212:0x3ffb0000\r\n\r\n"
PANICKED: Final = "the kit panicked: Guru Meditation Error: Core  0 panic'ed (StoreProhibited)"


class Kit:
    """A kit that prints what it is told to, watched."""

    def __init__(self, folder: Path) -> None:
        self.now = 0.0
        self.log = folder / "dut.log"
        self.log.touch()
        (folder / "app.elf").write_bytes(b"no ELF")
        self.watch = CrashWatch(self.log, folder / "app.elf", clock=lambda: self.now)

    def prints(self, *texts: str) -> None:
        with self.log.open("ab") as file:
            file.write("".join(texts).encode())

    def crash(self) -> str:
        """Return how it crashed, as seen now and after what a kit has to print why; "" when it did not."""
        for _ in range(2):
            try:
                self.watch.check()
            except KitCrashedError as error:
                return error.message
            self.now += LOOP_WITHIN_S
        return ""


@pytest.fixture(name="kit")
def _kit(tmp_path: Path) -> Kit:
    return Kit(tmp_path)


def test_panic_is_told_once_it_had_its_time(kit: Kit) -> None:
    kit.prints(BOOT, HELLO, PANIC)
    kit.watch.check()
    kit.prints(BACKTRACE, AGAIN)
    kit.watch.check()
    kit.now += LOOP_WITHIN_S

    with pytest.raises(KitCrashedError) as caught:
        kit.watch.check()

    assert caught.value.message == PANICKED
    assert caught.value.crash.backtrace.endswith("0x400d0212 ?")
    assert caught.value.fault is Fault.STUDENT


def test_boot_loop_is_told_at_once_and_as_such(kit: Kit) -> None:
    kit.prints(BOOT, (PANIC + BACKTRACE + AGAIN) * 2)

    with pytest.raises(KitCrashedError, match="the kit is in a boot loop: it panicked 2 times: Guru"):
        kit.watch.check()


def test_kit_that_restarts_without_a_panic_is_a_boot_loop(kit: Kit) -> None:
    kit.prints(BOOT, AGAIN, AGAIN)

    assert kit.crash() == "the kit is in a boot loop: 2 times SW_CPU_RESET"


@pytest.mark.parametrize(
    "log",
    [
        BOOT + HELLO,
        BOOT + AGAIN + HELLO,
        BOOT * 5,
        "rst:0x1 (POWERON_RESET),boot:0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))\r\nwaiting for download\r\n" * 5,
        "E (8322) task_wdt: Task watchdog got triggered.\r\n" + BACKTRACE,
    ],
    ids=["no restart", "one of its own", "flashing", "download mode", "task watchdog"],
)
def test_what_is_no_crash_ends_no_wait(kit: Kit, log: str) -> None:
    kit.prints(log)

    assert kit.crash() == ""


def test_what_was_before_the_benchs_own_reset_is_forgiven(kit: Kit) -> None:
    kit.prints(BOOT, PANIC, BACKTRACE, AGAIN)
    kit.watch.check()
    kit.watch.reset()
    kit.prints(PANIC, BACKTRACE, AGAIN)  # the log is written with a delay: this, too, was before
    assert kit.crash() == ""
    kit.prints(BOOT, HELLO)
    assert kit.crash() == ""

    kit.prints(PANIC, BACKTRACE)

    assert kit.crash() == PANICKED, "the control: a panic after the reset counts"


def test_reset_by_the_bench_that_nobody_announced_is_forgiven_too(kit: Kit) -> None:
    kit.prints(BOOT, PANIC, BACKTRACE, BOOT, HELLO)

    assert kit.crash() == ""


def test_line_that_comes_in_pieces_is_read_whole(kit: Kit) -> None:
    kit.prints(BOOT, PANIC[:20])
    kit.watch.check()
    kit.prints(PANIC[20:])

    assert kit.crash() == PANICKED


def test_panic_in_a_flood_is_found_in_bounded_reads(kit: Kit) -> None:
    kit.prints(BOOT, "x" * (2 * READ_SIZE), "\n", PANIC, BACKTRACE)
    for _ in range(3):
        kit.watch.check()

    assert kit.crash() == PANICKED


def test_flood_of_panics_is_kept_in_bounds(kit: Kit) -> None:
    kit.prints(BOOT, (PANIC + BACKTRACE + AGAIN) * 10_000)

    assert kit.crash().startswith(f"the kit is in a boot loop: it panicked {-(-LINES_LIMIT // 3)} times")


def test_log_that_is_not_there_yet_says_nothing(tmp_path: Path) -> None:
    watch = CrashWatch(tmp_path / "dut.log", tmp_path / "app.elf")

    watch.reset()
    watch.check()
