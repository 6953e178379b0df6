"""Deep sleep ends the app, keeps RTC_DATA_ATTR and the clock, starts over; *from ESP-IDF's documents*, unverified."""

from kitbench.virtual_kit.hardware.cpu_interface import ResetCause
from tests.kitbench.virtual_kit.cpu.app_rig import RunProgram

_PROGRAM = """
#include <stdio.h>
#include <sys/time.h>
#include <time.h>
#include "esp_attr.h"
#include "esp_sleep.h"
#include "esp_system.h"
static RTC_DATA_ATTR int boots = 40;
static int plain = 7;
void app_main(void) {
    boots++; plain++;
    printf("boots %d plain %d reason %d cause %d past %d\\n", boots, plain, (int)esp_reset_reason(),
           (int)esp_sleep_get_wakeup_cause(), time(NULL) > 1700000000);
    if (boots < 42) {
        struct timeval now = {.tv_sec = 1750000000}; settimeofday(&now, NULL);
        esp_sleep_enable_timer_wakeup(50000); esp_deep_sleep_start(); printf("awake?\\n");
    }
}
"""


def test_deep_sleep_keeps_what_is_marked_and_nothing_else(run_program: RunProgram) -> None:
    run = run_program(_PROGRAM)

    first = run.wait_for_reset()
    assert run.app is not None
    run.app.stop()
    run.start(first)
    run.wait_for("boots 42")
    run.app.stop()
    run.start(ResetCause.SW_CPU)  # a control: no other reset keeps it

    text = run.wait_for("reason 3")
    assert first is ResetCause.DEEPSLEEP
    assert "boots 41 plain 8 reason 1 cause 0 past 0" in text
    assert "boots 42 plain 8 reason 8 cause 4 past 1" in text
    assert "boots 41 plain 8 reason 3 cause 0 past 0" in text
    assert "awake?" not in text


def test_sleep_without_a_timer_lasts(run_program: RunProgram) -> None:
    run = run_program(
        '#include <stdio.h>\n#include "esp_sleep.h"\nvoid app_main(void) { printf("good night\\n");'
        'fflush(stdout); esp_deep_sleep_start(); printf("awake?\\n"); }'
    )

    run.wait_for("good night")

    assert not run.resets
    assert "awake?" not in run.text
