/* SPDX-License-Identifier: Apache-2.0 */
/* Deep and light sleep. What deep sleep keeps is the section of RTC_DATA_ATTR, held by the kit while the app is gone. */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include "esp_attr.h"
#include "esp_log.h"
#include "esp_sleep.h"
#include "esp_system.h"
#include "kit/host.h"
#include "sleep.h"

/* The linker's, of the section "rtc_data". */
extern uint8_t __start_rtc_data[];
extern uint8_t __stop_rtc_data[];

static const char *const TAG = "sleep";
static RTC_DATA_ATTR int64_t s_wall_clock_us; /* at the moment of waking */
static int64_t s_timer_us = -1;
static bool s_waits_for_pin;
static esp_sleep_wakeup_cause_t s_cause;

void kit_wake_up(void)
{
    if (kit_rtc_restore(__start_rtc_data, (int32_t)(__stop_rtc_data - __start_rtc_data))) {
        s_cause = ESP_SLEEP_WAKEUP_TIMER;
        kit_set_wall_clock_us(s_wall_clock_us);
    }
}

esp_err_t esp_sleep_enable_timer_wakeup(uint64_t time_in_us)
{
    s_timer_us = (int64_t)time_in_us;
    return ESP_OK;
}

/* Accepted as on the chip: the pin exists, only nothing will ever move it. */
esp_err_t esp_sleep_enable_ext0_wakeup(gpio_num_t gpio_num, int level)
{
    s_waits_for_pin = GPIO_IS_VALID_GPIO(gpio_num) && (level == 0 || level == 1);
    return s_waits_for_pin ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t esp_sleep_enable_ext1_wakeup(uint64_t io_mask, esp_sleep_ext1_wakeup_mode_t level_mode)
{
    s_waits_for_pin = io_mask != 0 && (unsigned)level_mode <= ESP_EXT1_WAKEUP_ANY_HIGH;
    return s_waits_for_pin ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t esp_sleep_disable_wakeup_source(esp_sleep_source_t source)
{
    if (source == ESP_SLEEP_WAKEUP_TIMER || source == ESP_SLEEP_WAKEUP_ALL) {
        s_timer_us = -1;
        return ESP_OK;
    }
    return ESP_ERR_INVALID_STATE;
}

esp_sleep_wakeup_cause_t esp_sleep_get_wakeup_cause(void)
{
    return s_cause;
}

/* A sleep that only a pin ends never ends here. */
static void tell_of_gap(void)
{
    if (s_timer_us < 0 && s_waits_for_pin) {
        kit_lacks("pins that wake it from sleep");
    }
}

void esp_deep_sleep_start(void)
{
    tell_of_gap();
    s_wall_clock_us = kit_get_wall_clock_us() + (s_timer_us > 0 ? s_timer_us : 0);
    fflush(stdout);
    kit_deep_sleep(s_timer_us, __start_rtc_data, (int32_t)(__stop_rtc_data - __start_rtc_data));
    __builtin_unreachable();
}

void esp_deep_sleep(uint64_t time_in_us)
{
    esp_sleep_enable_timer_wakeup(time_in_us);
    esp_deep_sleep_start();
}

esp_err_t esp_light_sleep_start(void)
{
    if (s_timer_us < 0) {
        ESP_LOGW(TAG, "no timer is set, and nothing else wakes the virtual kit (docs/fidelity.md)");
    }
    tell_of_gap();
    kit_interrupts(0);
    kit_block(NULL, s_timer_us);
    s_cause = ESP_SLEEP_WAKEUP_TIMER;
    return ESP_OK;
}
