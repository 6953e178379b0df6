/* SPDX-License-Identifier: Apache-2.0 */
/* Wakes, sends one message, sleeps again; the number is in RTC memory meanwhile. */
#include <stdio.h>
#include "esp_attr.h"
#include "esp_log.h"
#include "esp_sleep.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_session.h"
#include "publisher.h"

static RTC_DATA_ATTR int s_wakes;

void aws_iot_task(void *param)
{
    char text[40];
    mqtt_session_wait_ready();
    const bool is_timer = esp_sleep_get_wakeup_cause() == ESP_SLEEP_WAKEUP_TIMER;
    snprintf(text, sizeof(text), "wake %d%s", s_wakes++, is_timer ? " by timer" : "");
    if (mqtt_session_publish(text, 1) == ESP_OK) {
        ESP_LOGI("sleeper", "sent %s", text);
    }
    vTaskDelay(pdMS_TO_TICKS(1500)); /* what comes back is printed meanwhile */
    esp_sleep_enable_timer_wakeup(3 * 1000000ULL);
    esp_deep_sleep_start();
}
