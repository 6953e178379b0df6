/*
 * SPDX-License-Identifier: Apache-2.0
 */
/* Publishes what an AHT20 measures, for an IoT rule to write into a table. */
#include <stdio.h>

#include "aht20.h"
#include "esp_err.h"
#include "esp_event.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "network.h"
#include "nvs_flash.h"
#include "sdkconfig.h"
#include "session.h"

#define MESSAGE_SIZE 128

static const char *TAG = "sensor";

static void publish(const aht20_reading_t *reading)
{
    char message[MESSAGE_SIZE];
    snprintf(message, sizeof(message), "{\"device\":\"%s\",\"temperature\":%.2f,\"humidity\":%.2f}",
             CONFIG_AWS_EXAMPLE_CLIENT_ID, reading->temperature, reading->humidity);
    if (session_publish(message)) {
        ESP_LOGI(TAG, "published: %s", message);
    }
}

void app_main(void)
{
    ESP_ERROR_CHECK(nvs_flash_init());
    ESP_ERROR_CHECK(esp_event_loop_create_default());
    ESP_ERROR_CHECK(aht20_begin(CONFIG_EXAMPLE_SDA_PIN, CONFIG_EXAMPLE_SCL_PIN));
    ESP_ERROR_CHECK(network_start());
    ESP_ERROR_CHECK(session_start());

    for (;; vTaskDelay(pdMS_TO_TICKS(CONFIG_EXAMPLE_INTERVAL_MS))) {
        aht20_reading_t reading;
        if (aht20_measure(&reading) == ESP_OK) {
            publish(&reading);
        }
    }
}
