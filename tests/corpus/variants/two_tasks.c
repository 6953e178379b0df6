/* SPDX-License-Identifier: Apache-2.0 */
/* One task measures, the other sends: a queue between them. */
#include <stdio.h>
#include "esp_log.h"
#include "esp_random.h"
#include "freertos/FreeRTOS.h"
#include "freertos/queue.h"
#include "freertos/task.h"
#include "mqtt_session.h"
#include "publisher.h"

typedef struct {
    TickType_t when;
    uint16_t value;
} sample_t;

static QueueHandle_t s_samples;

static void measure(void *param)
{
    TickType_t last = xTaskGetTickCount();
    for (;;) {
        const sample_t sample = {.when = xTaskGetTickCount(), .value = (uint16_t)(esp_random() % 4096)};
        if (xQueueSend(s_samples, &sample, 0) != pdTRUE) {
            ESP_LOGW("measure", "the queue is full");
        }
        vTaskDelayUntil(&last, pdMS_TO_TICKS(1000));
    }
}

void aws_iot_task(void *param)
{
    s_samples = xQueueCreate(8, sizeof(sample_t));
    xTaskCreatePinnedToCore(measure, "measure", 3072, NULL, 6, NULL, 1);
    sample_t sample;
    while (xQueueReceive(s_samples, &sample, portMAX_DELAY) == pdTRUE) {
        char text[60];
        mqtt_session_wait_ready();
        snprintf(text, sizeof(text), "tick %lu: %u", (unsigned long)sample.when, (unsigned)sample.value);
        if (mqtt_session_publish(text, 0) == ESP_OK) {
            ESP_LOGI("send", "%s", text);
        }
    }
    vTaskDelete(NULL);
}
