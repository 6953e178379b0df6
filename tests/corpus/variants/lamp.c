/* SPDX-License-Identifier: Apache-2.0 */
/* A lamp that follows {"lamp": true}; its state is what is sent. */
#include "lamp.h"
#include <stdio.h>
#include "cJSON.h"
#include "driver/gpio.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_session.h"
#include "publisher.h"

#define LAMP GPIO_NUM_2

void lamp_obey(const char *text, int size)
{
    cJSON *order = cJSON_ParseWithLength(text, (size_t)size);
    const cJSON *lamp = cJSON_GetObjectItem(order, "lamp");
    if (cJSON_IsBool(lamp)) {
        gpio_set_level(LAMP, cJSON_IsTrue(lamp));
        ESP_LOGI("lamp", "turned %s", cJSON_IsTrue(lamp) ? "on" : "off");
    }
    cJSON_Delete(order);
}

void aws_iot_task(void *param)
{
    const gpio_config_t pin = {.pin_bit_mask = 1ULL << LAMP, .mode = GPIO_MODE_INPUT_OUTPUT};
    ESP_ERROR_CHECK(gpio_config(&pin));
    for (int n = 0;; n++) {
        char text[60];
        mqtt_session_wait_ready();
        snprintf(text, sizeof(text), "{\"lamp\": %s, \"n\": %d}", gpio_get_level(LAMP) ? "true" : "false", n);
        if (mqtt_session_publish(text, 0) == ESP_OK) {
            ESP_LOGI("lamp", "sent %s", text);
        }
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
