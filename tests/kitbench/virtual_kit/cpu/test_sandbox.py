"""What an app can reach: the whitelist of imports, and nothing through a pointer of its own making."""

import re
from pathlib import Path

import pytest
import wasmtime

from kitbench.flash_format import partition_table
from kitbench.virtual_kit import esp_idf
from kitbench.virtual_kit.cpu.engine import engine
from tests.kitbench.virtual_kit.cpu.app_rig import Compiler, MemoryFlash, RunProgram, choice_of

#: Everything that the C library and the shims may import. Nothing here opens a file, a socket or a process.
_NAMES = """
    kit_access_points kit_app_offset kit_atca kit_block kit_deep_sleep kit_flash_erase kit_flash_read kit_flash_size
    kit_flash_write kit_i2c kit_interrupts kit_lacks kit_lamp kit_lamp_pins kit_mac kit_millivolts kit_nvs_close
    kit_nvs_commit kit_nvs_deinit kit_nvs_entry kit_nvs_erase kit_nvs_get kit_nvs_init kit_nvs_open kit_nvs_remove
    kit_nvs_set kit_nvs_stats kit_nvs_used kit_panic kit_random kit_real_time_us kit_reset_reason kit_resolves
    kit_restart kit_rtc_restore
    kit_task_abort_delay kit_task_end kit_task_priority kit_task_resume kit_task_start kit_task_state
    kit_task_suspend kit_task_wdt_configure kit_task_wdt_feed kit_task_wdt_status kit_task_wdt_subscribe kit_time_us
    kit_tls_close kit_tls_open kit_tls_pending kit_tls_read kit_tls_wait kit_tls_write kit_uart_available
    kit_uart_read kit_uart_write kit_wake kit_wall_clock_us kit_wifi_name kit_wifi_refusal kit_wire kit_wire_pins
    kit_yield
    """
WHITELIST = frozenset(_NAMES.split())

_GREEDY = """
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
void app_main(void) {
    struct stat info; char text[16];
    printf("open %d\\n", open("/etc/passwd", O_RDONLY));
    printf("fopen %d\\n", fopen("/etc/passwd", "r") != NULL);
    printf("create %d\\n", fopen("written", "w") != NULL);
    printf("environment %d\\n", getenv("HOME") != NULL);
    printf("read %d\\n", (int)read(3, text, sizeof(text)));
    printf("write %d\\n", (int)write(3, "x", 1));
    printf("close %d\\n", close(1));
    printf("slept %d\\n", usleep(1000));
    fprintf(stderr, "error line\\n");
    printf("done\\n");
}
"""


def test_host_offers_exactly_the_whitelist_and_host_h_declares_it() -> None:
    header = (esp_idf.include_dir() / "kit" / "host.h").read_text()

    declared = set(re.findall(r"KIT_IMPORT\((\w+)\)", header)) - {"name"}

    assert declared == WHITELIST


def test_library_calls_reach_no_file_and_no_environment(run_program: RunProgram) -> None:
    run = run_program(_GREEDY)

    text = run.wait_for("done")

    for line in ("open -1", "fopen 0", "create 0", "environment 0", "read -1", "write -1", "close -1", "slept 0"):
        assert f"{line}\r\n" in text
    assert "error line\r\n" in text
    assert not Path("written").exists()


def test_modules_import_memory_and_whitelisted_calls_only(compiler: Compiler) -> None:
    module = wasmtime.Module(engine(), compiler.build(_GREEDY))

    imported = {(entry.module, entry.name) for entry in module.imports}

    assert ("env", "memory") in imported
    assert {name for _, name in imported} - {"memory"} <= WHITELIST
    assert {part for part, _ in imported} == {"env"}


def test_import_that_is_not_offered_keeps_the_app_from_running(run_program: RunProgram) -> None:
    run = run_program(
        '__attribute__((import_module("env"), import_name("kit_open_file"))) int kit_open_file(const char *);\n'
        'void app_main(void) { kit_open_file("/etc/passwd"); }'
    )

    run.wait_for_log("which is not among the host calls")

    assert not run.output


_HOSTILE_CALLS = {
    "kit_uart_write((void *)0x7ffffff0, 100);": "LoadProhibited",
    "kit_uart_write((void *)16, -1);": "LoadProhibited",
    "kit_uart_write((void *)-16, 64);": "LoadProhibited",
    "kit_uart_write(0, 10);": "LoadProhibited",
    "kit_flash_read(0, (void *)0x7ffffff0, 4096);": "LoadProhibited",
    "kit_random((void *)0x3ffff0, 4096);": "LoadProhibited",
    "kit_mac((void *)-2);": "LoadProhibited",
    "kit_panic(99, (void *)0x70000000, 10);": "LoadProhibited",
    "kit_tls_open((void *)0x70000000, (void *)16);": "LoadProhibited",
}


@pytest.mark.parametrize("call", _HOSTILE_CALLS)
def test_pointer_out_of_memory_is_the_apps_panic(run_program: RunProgram, call: str) -> None:
    run = run_program(choice_of(_HOSTILE_CALLS, head='#include "kit/host.h"', tail='printf("survived");'))
    run.choose(list(_HOSTILE_CALLS).index(call))

    run.wait_for_reset()

    assert f"panic'ed ({_HOSTILE_CALLS[call]})" in run.text
    assert "survived" not in run.text


_HARMLESS_CALLS = (
    'printf("%d", (int)kit_flash_read(0x3ffff0, buffer, 64));',
    'printf("%d", (int)kit_flash_write(-1, buffer, 64));',
    'printf("%d", (int)kit_flash_erase(1, 4096));',
    'printf("%d", (int)kit_flash_erase(0, 0x7ffff000));',
    'printf("%d", (int)kit_atca(999, 0, 0, buffer, 64, buffer, 64));',
    'printf("%d", (int)kit_atca(13, 0, 0, buffer, 1 << 30, buffer, 64));',
    'printf("%d", (int)kit_tls_read(77, buffer, 64, 10));',
    'printf("%d", (int)kit_nvs_set(77, "k", 1, buffer, 64));',
    "kit_task_end((void *)0x1234); kit_task_priority((void *)0x1234, -5); kit_task_suspend((void *)0x1234);",
    "kit_wake((void *)0x1234, 1); kit_wake((void *)1, 1); kit_block((void *)0x1234, 1000);",
    "kit_task_wdt_subscribe((void *)0x1234, 1); kit_task_wdt_feed((void *)0x1234);",
)


@pytest.mark.parametrize("call", _HARMLESS_CALLS)
def test_nonsense_arguments_are_refused_and_the_app_goes_on(run_program: RunProgram, call: str) -> None:
    head = '#include "kit/host.h"\nstatic char buffer[64];'
    run = run_program(choice_of(_HARMLESS_CALLS, head=head, tail='printf("survived\\n");'))
    run.choose(_HARMLESS_CALLS.index(call))

    run.wait_for("survived")

    assert not run.resets


def test_more_tasks_than_the_limit_are_refused(run_program: RunProgram) -> None:
    run = run_program(
        """
#include <stdio.h>
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
static void idle(void *arg) { vTaskSuspend(NULL); }
void app_main(void) {
    int made = 0;
    while (made < 500 && xTaskCreate(idle, "t", 1024, NULL, 1, NULL) == pdPASS) { made++; }
    printf("made %d\\n", made);
}
"""
    )

    text = run.wait_for("made ")

    assert 20 < int(text.split("made ")[1].split()[0]) < 64


def test_more_nvs_handles_than_the_limit_are_refused(run_program: RunProgram) -> None:
    flash = MemoryFlash()
    nvs = partition_table.Partition("nvs", 1, 2, 0x9000, 0x6000)
    table = partition_table.serialize((nvs,))
    flash.data[partition_table.DEFAULT_OFFSET : partition_table.DEFAULT_OFFSET + len(table)] = table
    run = run_program(
        """
#include <stdio.h>
#include "nvs_flash.h"
#include "nvs.h"
void app_main(void) {
    nvs_handle_t handle;
    int opened = 0;
    esp_err_t error = nvs_flash_init();
    while (error == ESP_OK && opened < 2000 && (error = nvs_open("a", NVS_READWRITE, &handle)) == ESP_OK) { opened++; }
    printf("opened %d, then %x\\n", opened, error);
}
""",
        flash=flash,
    )

    assert "opened 512, then 101" in run.wait_for("then")
