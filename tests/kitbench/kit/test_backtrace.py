"""Panics in a serial log: found, named by the ELF, told in one line; control logs without one say nothing."""

import pytest

from kitbench.firmware.elf_symbols import SymbolTable
from kitbench.kit.backtrace import Panic, find_panics, own_resets, report, summary, tells_of_a_crash

SYMBOLS = SymbolTable((0x400D0000, 0x400D0100, 0x400D0200), (0x100, 0x100, 0x100), ("abort", "read_sensor", "app_main"))
BOOT = "rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\nI (31) boot: fine\n"
AGAIN = "rst:0xc (SW_CPU_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n"
SLEEPER = "rst:0x5 (DEEPSLEEP_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)\n"
ABORT = (
    "\nabort() was called at PC 0x400d0110 on core 0\n\n\n"
    "Backtrace: 0x400d0010:0x3ffb0000 0x400d0110:0x3ffb0020 0x400d0250:0x3ffb0040\n\n\n\n\n"
    "ELF file SHA256: 0123456789abcdef\n\nRebooting...\n"
)
GURU = (
    "Guru Meditation Error: Core  0 panic'ed (StoreProhibited). Exception was unhandled.\n\n"
    "Core  0 register dump:\nPC      : 0x400d0212  PS      : 0x00060730  \n\n\n"
    "Backtrace: 0x400d0212:0x3ffb0000 |<-CORRUPTED\n\n\n"
)
ERROR_CHECK = (
    "ESP_ERROR_CHECK failed: esp_err_t 0x1102 (ESP_ERR_NVS_NOT_FOUND) at 0x400d0110\n"
    'file: "./main/x.c" line 105\nfunc: app_main\nexpression: nvs_open()\n\n' + ABORT
)
WATCHDOG = "E (8322) task_wdt: Task watchdog got triggered.\nBacktrace: 0x400D0212:0x3FFB0000\n"


def test_abort_names_the_function_that_called_it() -> None:
    assert summary(BOOT + ABORT, SYMBOLS) == (
        "the kit panicked: abort() was called at PC 0x400d0110 on core 0, in read_sensor"
    )


def test_exception_and_corrupted_stack_are_seen() -> None:
    assert find_panics(BOOT + GURU) == [
        Panic("Guru Meditation Error: Core  0 panic'ed (StoreProhibited)", (0x400D0212,), is_corrupted=True)
    ]


def test_first_reason_of_a_panic_wins() -> None:
    panics = find_panics(ERROR_CHECK)

    assert [panic.reason for panic in panics] == [
        "ESP_ERROR_CHECK failed: esp_err_t 0x1102 (ESP_ERR_NVS_NOT_FOUND) at 0x400d0110"
    ]


def test_boot_loop_is_named_and_counted() -> None:
    assert summary(BOOT + (ABORT + AGAIN) * 3, SYMBOLS) == (
        "the kit is in a boot loop: it panicked 3 times: abort() was called at PC 0x400d0110 on core 0, in read_sensor"
    )


def test_boot_loop_of_the_boot_loader_says_why() -> None:
    attempt = "E (52) boot: No bootable app partitions in the partition table\r\n" + AGAIN.replace("SW_CPU", "SW")

    assert summary(BOOT + attempt * 3, SYMBOLS) == (
        "the kit is in a boot loop: 3 times SW_RESET; E (52) boot: No bootable app partitions in the partition table"
    )


def test_lines_that_tell_of_a_crash_tell_all() -> None:
    log = BOOT + "I (9) app: hello\n" + (ERROR_CHECK + AGAIN) * 2

    told = "\n".join(line for line in log.splitlines() if tells_of_a_crash(line))

    assert summary(told, SYMBOLS) == summary(log, SYMBOLS)
    assert "hello" not in told


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("assert failed: app_main facts.c:104 (zero == 1)", "assert failed: app_main facts.c:104 (zero == 1)"),
        (
            "***ERROR*** A stack overflow in task ovf has been detected.",
            "***ERROR*** A stack overflow in task ovf has been detected",
        ),
        ("Brownout detector was triggered", "Brownout detector was triggered"),
        (
            "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0). ",
            "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0)",
        ),
    ],
)
def test_reason_without_a_backtrace_is_a_panic_too(line: str, reason: str) -> None:
    assert find_panics(f"{line}\n") == [Panic(reason)]


@pytest.mark.parametrize(
    "log", ["", BOOT, BOOT + WATCHDOG, BOOT + AGAIN, "Backtrace: 0x\n", BOOT * 4, BOOT + SLEEPER * 3]
)
def test_what_is_no_crash_says_nothing(log: str) -> None:
    assert summary(log, SYMBOLS) == ""
    assert report(log, SYMBOLS) == ""


def test_restarts_without_a_panic_are_told() -> None:
    assert summary(BOOT + AGAIN * 2, SYMBOLS) == "the kit is in a boot loop: 2 times SW_CPU_RESET"
    assert own_resets(BOOT + AGAIN) == ["SW_CPU_RESET"]


def test_report_has_a_line_for_each_frame_and_prefers_addr2line() -> None:
    text = report(BOOT + ABORT, SYMBOLS, lambda addresses: {max(addresses): "app_main at main.c:12"})

    assert text.splitlines() == [
        "abort() was called at PC 0x400d0110 on core 0",
        "  0x400d0010 abort",
        "  0x400d0110 read_sensor",
        "  0x400d0250 app_main at main.c:12",
    ]


def test_rom_and_unknown_addresses_are_named_as_such() -> None:
    log = "abort() was called at PC 0x1 on core 0\nBacktrace: 0x40001234:0x3ffb0000 0x40300000:0x3ffb0000\n"

    assert report(log, SYMBOLS).splitlines()[1:] == ["  0x40001234 ROM", "  0x40300000 ?"]


def test_hostile_log_is_bounded() -> None:
    log = "abort() was called at PC 0x1 on core 0\nBacktrace:" + " 0x400d0010:0x3ffb0000" * 100_000 + "\n"

    assert len(find_panics(log)[0].addresses) <= 200
