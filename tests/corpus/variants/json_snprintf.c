/* SPDX-License-Identifier: Apache-2.0 */
/* A reading as JSON, written by hand. */
#include <stdio.h>
#include "esp_heap_caps.h"
#include "esp_log.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_session.h"
#include "publisher.h"

void aws_iot_task(void *param)
{
    for (unsigned n = 0;; n++) {
        char text[160];
        mqtt_session_wait_ready();
        const float celsius = 20.0f + (float)(n % 50) / 10.0f;
        const int size = snprintf(text, sizeof(text),
                                  "{\"device\":{\"id\":\"%s\",\"up\":%lld},\"temperature\":%.1f,\"heap\":%u,\"n\":%u}",
                                  "kitchen", (long long)(esp_timer_get_time() / 1000), celsius,
                                  (unsigned)heap_caps_get_free_size(MALLOC_CAP_8BIT), n);
        if (size > 0 && size < (int)sizeof(text) && mqtt_session_publish(text, 1) == ESP_OK) {
            ESP_LOGI("reading", "sent %s", text);
        }
        vTaskDelay(pdMS_TO_TICKS(1500));
    }
}
