"""Each fault prints what the device prints, and resets."""

import re

import pytest

from kitbench.virtual_kit.hardware.cpu_interface import ResetCause
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram, choice_of

_HEADERS = """
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include "esp_err.h"
#include "esp_system.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "nvs_flash.h"
struct pair { int first; int second; };
static void (*volatile no_function)(void);
static int *volatile no_pointer;
static struct pair *volatile no_pair;
static volatile int zero;
"""

_EXCEPTIONS = {
    "*no_pointer = 1;": ("StoreProhibited", "0000001d", "00000000"),
    'printf("%d", *no_pointer);': ("LoadProhibited", "0000001c", "00000000"),
    'printf("%d", no_pair->second);': ("LoadProhibited", "0000001c", "00000000"),
    "*(volatile int *)0x7f000000 = 1;": ("StoreProhibited", "0000001d", None),
    'printf("%d", *(volatile int *)0x7f000000);': ("LoadProhibited", "0000001c", None),
    'printf("%d", 7 / zero);': ("IntegerDivideByZero", "00000006", None),
    "no_function();": ("InstrFetchProhibited", "00000014", None),
}


@pytest.mark.parametrize("statement", _EXCEPTIONS)
def test_exception_prints_registers_and_backtrace_and_reboots(run_program: RunProgram, statement: str) -> None:
    name, cause, address = _EXCEPTIONS[statement]

    run = run_program(choice_of(_EXCEPTIONS, head=_HEADERS, tail='printf("survived");'))
    run.choose(list(_EXCEPTIONS).index(statement))
    reset = run.wait_for_reset()

    panic = run.text[run.text.index("Guru") :]
    lines = panic.split("\r\n")
    assert lines[0] == f"Guru Meditation Error: Core  0 panic'ed ({name}). Exception was unhandled."
    assert lines[1:3] == ["", "Core  0 register dump:"]
    assert re.fullmatch(r"PC      : 0x400d[0-9a-f]{4}  PS      : 0x[0-9a-f]{8}  A0 .*  A1 .{10}.*  ", lines[3])
    assert f"EXCCAUSE: 0x{cause}  " in panic
    if address:
        assert f"EXCVADDR: 0x{address}  " in panic
    assert re.search(
        r"\r\n\r\n\r\nBacktrace:( 0x[0-9a-f]{8}:0x[0-9a-f]{8})+\r\n\r\n\r\n\r\n\r\nELF file SHA256: ", panic
    )
    assert re.search(r"ELF file SHA256: [0-9a-f]{16}\r\n\r\nRebooting...\r\n$", panic)
    assert reset is ResetCause.SW_CPU
    assert "survived" not in run.text


def test_trap_is_a_break(run_program: RunProgram) -> None:
    run = run_program("void app_main(void) { __builtin_trap(); }")

    run.wait_for_reset()

    assert "panic'ed (Unhandled debug exception). \r\nDebug exception reason: BREAK instr \r\nCore  0 reg" in run.text
    assert "EXCCAUSE: 0x00000001  " in run.text


_GIVEN_UP = {
    "abort();": r"\r\nabort\(\) was called at PC 0x400d[0-9a-f]{4} on core 0\r\n\r\n\r\nBacktrace: ",
    "assert(zero == 1);": r"\r\n\r\nassert failed: app_main program_\w+\.c:\d+ \(zero == 1\)\r\n\r\n\r\nBacktrace: ",
    "ESP_ERROR_CHECK(0x1102);": (
        r"ESP_ERROR_CHECK failed: esp_err_t 0x1102 \(ESP_ERR_NVS_NOT_FOUND\) at 0x400d[0-9a-f]{4}\r\n"
        r'file: "[^"]+" line \d+\r\nfunc: app_main\r\nexpression: 0x1102\r\n\r\n'
        r"abort\(\) was called at PC 0x400d[0-9a-f]{4} on core 0\r\n\r\n\r\nBacktrace: "
    ),
}


@pytest.mark.parametrize("statement", _GIVEN_UP)
def test_app_that_gives_up_prints_why_without_registers(run_program: RunProgram, statement: str) -> None:
    run = run_program(choice_of(_GIVEN_UP, head=_HEADERS))
    run.choose(list(_GIVEN_UP).index(statement))

    assert run.wait_for_reset() is ResetCause.SW_CPU

    assert re.search(_GIVEN_UP[statement], run.text), run.text[-700:]
    assert "register dump" not in run.text


def test_stack_overflow_names_the_task(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static int deep(volatile int level) { volatile char room[200]; room[level % 200] = 1;
    vTaskDelay(level % 30 == 0); return level > 2000 ? room[5] : deep(level + 1) + room[3]; }
static void overflow(void *arg) { printf("%d", deep(1)); vTaskDelete(NULL); }
void app_main(void) { xTaskCreate(overflow, "ovf", 2048, NULL, 5, NULL); }
"""
    )

    assert run.wait_for_reset() is ResetCause.SW_CPU

    assert "\r\n***ERROR*** A stack overflow in task ovf has been detected.\r\n" in run.text


def test_endless_recursion_is_a_stack_overflow(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static int (*volatile self)(int);
static int deep(int level) { return self(level + 1) + level; }
void app_main(void) { self = deep; printf("%d", deep(0)); }
"""
    )

    run.wait_for_reset()

    assert "A stack overflow in task main has been detected." in run.text


def test_task_that_returns_is_an_abort(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static void returns(void *arg) {}
void app_main(void) { xTaskCreate(returns, "short", 2048, NULL, 5, NULL); }
"""
    )

    run.wait_for_reset()

    assert 'FreeRTOS Task "short" should not return, Aborting now!' in run.text
    assert "abort() was called" in run.text


def test_interrupts_off_for_long_trip_the_interrupt_watchdog(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static portMUX_TYPE lock = portMUX_INITIALIZER_UNLOCKED;
void app_main(void) { portENTER_CRITICAL(&lock); for (;;) { zero++; } }
"""
    )

    assert run.wait_for_reset() is ResetCause.TG1WDT_SYS

    assert "Guru Meditation Error: Core  0 panic'ed (Interrupt wdt timeout on CPU0)." in run.text
    assert "Core  1 register dump:" in run.text


def test_task_watchdog_prints_and_the_app_goes_on(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static void other(void *arg) { for (;;) { printf("alive\\n"); vTaskDelay(10); } }
void app_main(void) { xTaskCreate(other, "other", 2048, NULL, 1, NULL); for (;;) { zero++; } }
""",
        clock_factor=5.0,
    )

    text = run.wait_for("CPU 1: IDLE")

    assert re.search(r"E \(\d+\) task_wdt: Task watchdog got triggered\. The following tasks/users did not reset", text)
    assert "task_wdt:  - IDLE (CPU 0)" in text
    assert "alive" in text
    run.output.clear()
    run.wait_for("alive")
    assert not run.resets


def test_restart_resets_by_software(run_program: RunProgram) -> None:
    run = run_program(
        _HEADERS
        + """
static void last(void) { printf("last words\\n"); }
void app_main(void) { esp_register_shutdown_handler(last); esp_restart(); }
"""
    )

    assert run.wait_for_reset() is ResetCause.SW_CPU

    assert run.text.endswith("last words\r\n")


def test_next_start_learns_of_the_panic_once(run_program: RunProgram) -> None:
    run = run_program(_HEADERS + 'void app_main(void) { printf("reason %d\\n", esp_reset_reason()); abort(); }')
    run.wait_for_reset()
    run.stop()
    run.resets.clear()
    run.start(ResetCause.SW_CPU)
    run.wait_for_reset()
    run.stop()
    run.resets.clear()
    run.start(ResetCause.POWERON)
    run.wait_for_reset()

    assert re.findall(r"reason (\d)", run.text) == ["1", "4", "1"]
