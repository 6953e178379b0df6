/* SPDX-License-Identifier: Apache-2.0 */
/* A reading as JSON, by cJSON; each is read back before it is sent. */
#include "cJSON.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_session.h"
#include "publisher.h"

static void send(int n)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "sensor", "\"door\" \xc3\xa4");
    cJSON_AddNumberToObject(root, "n", n);
    cJSON *values = cJSON_AddArrayToObject(root, "values");
    for (int i = 0; i < 3; i++) {
        cJSON_AddItemToArray(values, cJSON_CreateNumber(n + i / 4.0));
    }
    cJSON_AddBoolToObject(root, "open", n % 2);
    char *text = cJSON_PrintUnformatted(root);
    cJSON *again = cJSON_Parse(text);
    if (again == NULL || cJSON_GetArraySize(cJSON_GetObjectItem(again, "values")) != 3) {
        ESP_LOGE("door", "not read back: %s", text);
    } else if (mqtt_session_publish(text, n % 2) == ESP_OK) {
        ESP_LOGI("door", "sent %s", text);
    }
    cJSON_Delete(again);
    cJSON_free(text);
    cJSON_Delete(root);
}

void aws_iot_task(void *param)
{
    for (int n = 0;; n++) {
        mqtt_session_wait_ready();
        send(n);
        vTaskDelay(pdMS_TO_TICKS(1200));
    }
}
