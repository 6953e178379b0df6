"""Apps start, print what ESP-IDF prints, and stop."""

from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_HELLO = """
#include <stdio.h>
#include "esp_log.h"
void app_main(void) { printf("hello %d %s\\n", 42, "kit"); ESP_LOGI("probe", "value %u", 7u); }
"""


def test_app_main_prints_between_the_lines_of_esp_idf(run_program: RunProgram) -> None:
    run = run_program(_HELLO)

    text = run.wait_for("Returned from app_main()")

    assert "cpu_start: Project name:     probe\r\n" in text
    assert "main_task: Calling app_main()\r\nhello 42 kit\r\n" in text
    assert "probe: value 7\r\n" in text
