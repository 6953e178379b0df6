/* SPDX-License-Identifier: Apache-2.0 */
/* Messages with the local time of Zurich, asked of a time server first. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "esp_log.h"
#include "esp_netif_sntp.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "mqtt_session.h"
#include "publisher.h"

void aws_iot_task(void *param)
{
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    tzset();
    esp_sntp_config_t config = ESP_NETIF_SNTP_DEFAULT_CONFIG("pool.ntp.org");
    ESP_ERROR_CHECK(esp_netif_sntp_init(&config));
    while (esp_netif_sntp_sync_wait(pdMS_TO_TICKS(2000)) != ESP_OK) {
        ESP_LOGW("clock", "no time yet");
    }
    for (int n = 0;; n++) {
        char when[40], text[80];
        struct tm local;
        const time_t now = time(NULL);
        localtime_r(&now, &local);
        strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%S%z", &local);
        mqtt_session_wait_ready();
        snprintf(text, sizeof(text), "%s %d", when, n);
        if (local.tm_year + 1900 < 2024) {
            ESP_LOGE("clock", "the year is %d", local.tm_year + 1900);
        } else if (mqtt_session_publish(text, 0) == ESP_OK) {
            ESP_LOGI("clock", "sent %s", text);
        }
        vTaskDelay(pdMS_TO_TICKS(1000));
    }
}
