"""Waits for a running kit end with what it prints, with its crash, or with their time."""

import re
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Final

import pexpect
import pytest

from kitbench.bench.kits.crash_watch import CrashWatch, KitCrashedError
from kitbench.bench.kits.kit_control import SerialControl
from kitbench.bench.kits.running_kit import RunningKit
from kitbench.errors import KitError
from kitbench.kit.console import frame

LOOP: Final = (
    "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    + (
        "assert failed: app_main main.c:7 (sensor)\r\nBacktrace: 0x400d0212:0x3ffb0000\r\n"
        "rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\r\n"
    )
    * 2
)


class Dut:
    """pytest-embedded's dut with a log on disk and nothing behind it."""

    def __init__(self, folder: Path, log: str) -> None:
        self.logfile = str(folder / "dut.log")
        Path(self.logfile).write_text(log, encoding="utf-8")
        self._log = log.encode()
        self.sent: list[bytes] = []
        port = SimpleNamespace(write=self.sent.append, setDTR=lambda _: None, setRTS=lambda _: None)
        self.serial = SimpleNamespace(proc=port, hard_reset=lambda: None)

    def expect(self, pattern: re.Pattern[bytes], *, timeout: float) -> re.Match[bytes]:
        match = pattern.search(self._log)
        if match is None:
            time.sleep(min(timeout, 0.01))
            raise pexpect.TIMEOUT("nothing")
        return match


def running(folder: Path, log: str) -> RunningKit:
    """Return a kit that has printed `log`."""
    dut = Dut(folder, log)
    return RunningKit(dut, SerialControl(dut, "unused"), crashes=CrashWatch(Path(dut.logfile), folder / "app.elf"))


def test_line_that_came_is_returned(tmp_path: Path) -> None:
    assert running(tmp_path, "MQTT connected\r\n").expect_text("connected", within_s=10)[0] == b"connected"


def test_wait_for_a_line_ends_when_the_kit_has_crashed(tmp_path: Path) -> None:
    (tmp_path / "app.elf").write_bytes(b"no ELF")

    with pytest.raises(KitCrashedError, match=r"boot loop: it panicked 2 times: assert failed: app_main main\.c:7"):
        running(tmp_path, LOOP).expect_text("MQTT connected", within_s=3600)


def test_console_of_a_crashed_kit_is_not_waited_for(tmp_path: Path) -> None:
    (tmp_path / "app.elf").write_bytes(b"no ELF")

    with pytest.raises(KitCrashedError, match="boot loop"):
        running(tmp_path, LOOP).console.request("INFO")


def test_wait_for_a_line_ends_in_time_and_says_what_came_last(tmp_path: Path) -> None:
    with pytest.raises(KitError, match=r"no 'MQTT connected' on the serial line within 0\.5 s; .* 'all is well'"):
        running(tmp_path, "all is well\r\n").expect_text("MQTT connected", within_s=0.5)


def test_kit_that_the_bench_restarts_has_not_crashed(tmp_path: Path) -> None:
    kit = running(tmp_path, LOOP)

    kit.restart()

    kit.check()


def test_console_sends_its_frames(tmp_path: Path) -> None:
    dut = Dut(tmp_path, frame("OK 01").decode())
    kit = RunningKit(dut, SerialControl(dut, "unused"), crashes=CrashWatch(Path(dut.logfile), tmp_path / "app.elf"))

    assert kit.console.request("READ 0") == ["01"]
    assert dut.sent == [frame("READ 0")]


def test_log_that_goes_on_growing_is_not_waited_for_for_ever(tmp_path: Path) -> None:
    kit = running(tmp_path, "tick\r\n")
    assert kit.settled_log(quiet_s=0.01) == "tick\n"  # the control: this one is quiet
    lengths = iter(range(1000))
    kit.serial_log = lambda: "tick\n" * next(lengths)  # type: ignore[method-assign]

    with pytest.raises(KitError, match=r"not quiet within 0\.1 s; the last line was 'tick'"):
        kit.settled_log(quiet_s=0.01, within_s=0.1)
