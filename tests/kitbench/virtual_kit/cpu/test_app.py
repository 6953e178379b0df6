"""Apps start, print what ESP-IDF prints, read what is typed, and stop."""

import gc
import threading
import time

import pytest

from kitbench.board.board import Board
from kitbench.virtual_kit.board.table import Table
from kitbench.virtual_kit.cpu import WasmCpu, wasm_calls
from kitbench.virtual_kit.hardware.cpu_interface import Peripherals, ResetCause
from tests.kitbench.virtual_kit.cpu.app_rig import APP_OFFSET, MAC, MemoryFlash, Run, RunProgram, choice_of, image_of

_HELLO = """
#include <stdio.h>
#include "esp_log.h"
void app_main(void) { printf("hello %d %s %.2f\\n", 42, "kit", 1.5); ESP_LOGI("probe", "value %u", 7u); }
"""
_KERNEL = '#include <stdio.h>\n#include "freertos/FreeRTOS.h"\n#include "freertos/task.h"\n'


def test_app_main_prints_between_the_lines_of_esp_idf(run_program: RunProgram) -> None:
    run = run_program(_HELLO)

    text = run.wait_for("Returned from app_main()")

    assert "cpu_start: Project name:     probe\r\n" in text
    assert "cpu_start: ESP-IDF:          v5.1.4\r\n" in text
    assert "main_task: Calling app_main()\r\nhello 42 kit 1.50\r\n" in text
    assert "probe: value 7\r\n" in text
    assert not run.resets


def test_what_is_typed_arrives_by_stdin_and_by_the_driver(run_program: RunProgram) -> None:
    run = run_program(
        _KERNEL
        + """
#include "driver/uart.h"
void app_main(void) {
    char line[64], bytes[4] = "";
    printf("ready\\n");
    fgets(line, sizeof(line), stdin);
    printf("line %s", line);
    uart_driver_install(UART_NUM_0, 256, 0, 0, NULL, 0);
    int none = uart_read_bytes(UART_NUM_0, bytes, 3, 2);
    printf("again\\n");
    int got = uart_read_bytes(UART_NUM_0, bytes, 3, portMAX_DELAY);
    printf("bytes %d %d %s\\n", none, got, bytes);
    uart_write_bytes(UART_NUM_0, "a\\nb", 3);
    printf("|end\\n");
}
"""
    )
    run.wait_for("ready\r\n")
    assert run.app is not None
    run.app.uart_input(b"typed")
    run.app.uart_input(b" words\r")
    run.wait_for("again\r\n")
    run.app.uart_input(b"x")
    run.app.uart_input(b"yz")

    text = run.wait_for("|end")

    assert "line typed words\r\n" in text
    assert "bytes 0 3 xyz\r\na\nb|end" in text


def test_uart_events_tell_of_input(run_program: RunProgram) -> None:
    run = run_program(
        _KERNEL
        + """
#include "driver/uart.h"
void app_main(void) {
    QueueHandle_t events; uart_event_t event;
    uart_driver_install(UART_NUM_0, 256, 0, 4, &events, 0);
    printf("ready\\n");
    xQueueReceive(events, &event, portMAX_DELAY);
    printf("event %d size %d\\n", event.type, (int)event.size);
}
"""
    )
    run.wait_for("ready\r\n")
    assert run.app is not None
    run.app.uart_input(b"hello")

    run.wait_for("event 0 size 5")


def test_identity_clock_and_randomness_come_from_the_kit(run_program: RunProgram) -> None:
    run = run_program(
        _KERNEL
        + """
#include <time.h>
#include "esp_mac.h"
#include "esp_random.h"
#include "esp_system.h"
#include "esp_timer.h"
#include "esp_chip_info.h"
void app_main(void) {
    uint8_t mac[6]; esp_chip_info_t chip;
    esp_read_mac(mac, ESP_MAC_WIFI_STA);
    esp_chip_info(&chip);
    printf(MACSTR " cores %d\\n", MAC2STR(mac), chip.cores);
    printf("random differs %d\\n", esp_random() != esp_random());
    printf("reason %d\\n", esp_reset_reason());
    int64_t before = esp_timer_get_time(); vTaskDelay(2);
    printf("passed %d, 1970 %d\\n", esp_timer_get_time() - before >= 20000, time(NULL) < 3600);
}
"""
    )

    text = run.wait_for("1970")

    assert ":".join(f"{byte:02x}" for byte in MAC) + " cores 2" in text
    assert "random differs 1" in text
    assert "reason 1\r\n" in text
    assert "passed 1, 1970 1" in text


def test_network_time_is_the_hosts(run_program: RunProgram) -> None:
    run = run_program(
        _KERNEL
        + """
#include <time.h>
#include "esp_sntp.h"
void app_main(void) {
    esp_sntp_setservername(0, "pool.ntp.org");
    esp_sntp_init();
    while (sntp_get_sync_status() != SNTP_SYNC_STATUS_COMPLETED) { vTaskDelay(5); }
    printf("seconds %lld\\n", (long long)time(NULL));
}
""",
        access_point=(("localhost", 1),),
    )

    text = run.wait_for("Returned")

    assert abs(int(text.split("seconds ")[1].split()[0]) - time.time()) < 3600


_STUBBORN = {
    "spins": "for (volatile int i = 0;; i++) {}",
    "spins in a critical section": "portMUX_TYPE m = {0}; portENTER_CRITICAL(&m); for (volatile int i = 0;; i++) {}",
    "sleeps": "vTaskDelay(portMAX_DELAY);",
    "floods the line": 'for (;;) { printf("0123456789012345678901234567890123456789\\n"); }',
    "waits for input": "getchar();",
}


@pytest.mark.parametrize("behaviour", _STUBBORN)
def test_stop_ends_a_task_that(run_program: RunProgram, behaviour: str) -> None:
    run = run_program(choice_of(_STUBBORN.values(), head=_KERNEL))
    run.choose(list(_STUBBORN).index(behaviour))
    time.sleep(0.2)

    run.stop()
    run.stop()

    assert_no_thread_is_left()
    printed = len(run.output)
    assert not run.resets
    assert len(run.output) == printed


def assert_no_thread_is_left() -> None:
    """The threads of a kit end at once; a busy machine gets a while."""
    end = time.monotonic() + 60
    while left := [thread.name for thread in threading.enumerate() if thread.name.startswith("kit-")]:
        assert time.monotonic() < end, left
        time.sleep(0.01)


def test_flood_is_held_at_the_lines_speed(run_program: RunProgram) -> None:
    run = run_program(_KERNEL + 'void app_main(void) { for (;;) { printf("%0512d\\n", 1); } }')

    started = time.monotonic()
    run.wait_for("0" * 400)
    time.sleep(1)
    seconds = time.monotonic() - started
    run.stop()

    assert len(run.output) < 32768 + 11520 * (seconds + 1)


def test_memory_beyond_the_limit_is_refused_and_not_taken(run_program: RunProgram) -> None:
    run = run_program(
        "#include <stdio.h>\n#include <stdlib.h>\nstatic void *volatile kept;\n"
        'void app_main(void) { int n = 0; while ((kept = malloc(100000))) { n++; } printf("blocks %d\\n", n); }'
    )

    text = run.wait_for("blocks ")

    # Two regions of the chip's have room for 100,000 bytes.
    assert int(text.split("blocks ")[1].split()[0]) == 2


def _start(flash: MemoryFlash) -> None:
    peripherals = Peripherals(
        flash, MAC, lambda _data: None, lambda _cause: None, None, (), 1.0, lambda _line: None, Table(Board("bare"))
    )
    WasmCpu().start(APP_OFFSET, ResetCause.POWERON, peripherals)


def test_image_without_a_module_is_refused() -> None:
    with pytest.raises(ValueError, match="magic"):
        _start(MemoryFlash())


def test_module_that_is_none_is_logged_and_runs_nothing() -> None:
    flash = MemoryFlash()
    image = image_of(b"\0asm this is no module")
    flash.data[APP_OFFSET : APP_OFFSET + len(image)] = image
    run = Run(flash)

    run.start()

    run.wait_for_log("the app cannot run")
    assert not run.output


def test_runs_leave_nothing_behind(run_program: RunProgram) -> None:
    run = run_program(_HELLO)
    run.wait_for("Returned")
    run.stop()
    assert_no_thread_is_left()
    gc.collect()
    before = len(wasm_calls._calls)

    for _ in range(3):
        run.output.clear()
        run.start()
        run.wait_for("Returned")
        run.stop()
        assert_no_thread_is_left()

    run.app = None
    gc.collect()
    assert len(wasm_calls._calls) <= before
