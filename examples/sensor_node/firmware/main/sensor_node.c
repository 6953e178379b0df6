/*
 * SPDX-License-Identifier: Apache-2.0
 */
/* Publishes a reading as JSON every so often; how often can be changed by a command. */
#include <inttypes.h>
#include <stdio.h>

#include "command.h"
#include "esp_err.h"
#include "esp_event.h"
#include "esp_log.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "network.h"
#include "nvs_flash.h"
#include "session.h"

#define READING_MAX 96

static const char *TAG = "sensor_node";

/* A stand-in for a sensor: a saw tooth between 20 and 25 degrees Celsius, in hundredths. */
static int temperature_centi_c(uint32_t sequence)
{
    return 2000 + (int)(sequence * 37 % 500);
}

void app_main(void)
{
    ESP_LOGI(TAG, "sensor node starts");
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(network_start());
    ESP_ERROR_CHECK(session_start());

    for (uint32_t sequence = 1;; vTaskDelay(pdMS_TO_TICKS(command_interval_ms()))) {
        char reading[READING_MAX];
        int centi_c = temperature_centi_c(sequence);
        snprintf(reading, sizeof(reading), "{\"sequence\":%" PRIu32 ",\"uptime_ms\":%" PRId64 ",\"temperature_c\":%d.%02d}",
                 sequence, esp_timer_get_time() / 1000, centi_c / 100, centi_c % 100);
        if (session_publish(reading)) {
            sequence++;
        }
    }
}
