/* SPDX-License-Identifier: Apache-2.0 */
/* A number that goes on after a restart. */
#include <inttypes.h>
#include <stdio.h>
#include "esp_err.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_session.h"
#include "nvs.h"
#include "publisher.h"

void aws_iot_task(void *param)
{
    nvs_handle_t store;
    uint32_t count = 0;
    ESP_ERROR_CHECK(nvs_open("counter", NVS_READWRITE, &store));
    esp_err_t error = nvs_get_u32(store, "count", &count);
    if (error != ESP_ERR_NVS_NOT_FOUND) {
        ESP_ERROR_CHECK(error);
    }
    for (;;) {
        char text[40];
        mqtt_session_wait_ready();
        snprintf(text, sizeof(text), "count %" PRIu32, count);
        if (mqtt_session_publish(text, 1) == ESP_OK) {
            ESP_LOGI("counter", "%s", text);
            ESP_ERROR_CHECK(nvs_set_u32(store, "count", ++count));
            ESP_ERROR_CHECK(nvs_commit(store));
        }
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
