/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "publisher.h"

#include <stdbool.h>
#include <stdio.h>

#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "log_lines.h"
#include "mqtt_session.h"
#include "sdkconfig.h"

#define PAYLOAD_SIZE 100

static const char *TAG = "subpub";

static bool is_limit_reached(int count)
{
    return CONFIG_EXAMPLE_PUBLISH_LIMIT > 0 && count >= CONFIG_EXAMPLE_PUBLISH_LIMIT;
}

static bool publish(int number)
{
    char payload[PAYLOAD_SIZE];
    int qos = number % 2;
    snprintf(payload, sizeof(payload), qos == 0 ? PAYLOAD_QOS0 : PAYLOAD_QOS1, number);
    if (mqtt_session_publish(payload, qos) != ESP_OK) {
        return false;
    }
    ESP_LOGI(TAG, LOG_LINE_PUBLISHED, payload);
    return true;
}

void aws_iot_task(void *param)
{
    for (int number = 0; !is_limit_reached(number);) {
        mqtt_session_wait_ready();
        ESP_LOGI(TAG, LOG_LINE_STACK, pcTaskGetName(NULL), (int)uxTaskGetStackHighWaterMark(NULL));
        if (publish(number)) {
            number++;
        }
        vTaskDelay(pdMS_TO_TICKS(CONFIG_EXAMPLE_PUBLISH_INTERVAL_MS));
    }
    ESP_LOGI(TAG, LOG_LINE_LIMIT_REACHED, CONFIG_EXAMPLE_PUBLISH_LIMIT);
    for (;;) {
        mqtt_session_wait_ready();
        vTaskDelay(pdMS_TO_TICKS(CONFIG_EXAMPLE_PUBLISH_INTERVAL_MS));
    }
}
