/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "command.h"

#include <stdlib.h>
#include <string.h>

#include "esp_log.h"
#include "sdkconfig.h"

#define COMMAND_MAX 128
#define INTERVAL_MIN_MS 100
#define INTERVAL_MAX_MS 3600000

static const char *TAG = "command";

static volatile int s_interval_ms = CONFIG_SENSOR_INTERVAL_MS;

void command_obey(const char *text, int length)
{
    static const char KEY[] = "\"interval_ms\":";
    char command[COMMAND_MAX];
    if (length >= COMMAND_MAX) {
        ESP_LOGW(TAG, "refused: %d bytes", length);
        return;
    }
    memcpy(command, text, length);
    command[length] = '\0';
    const char *value = strstr(command, KEY);
    long interval_ms = value == NULL ? 0 : strtol(value + strlen(KEY), NULL, 10);
    if (interval_ms < INTERVAL_MIN_MS || interval_ms > INTERVAL_MAX_MS) {
        ESP_LOGW(TAG, "refused: %s", command);
        return;
    }
    s_interval_ms = (int)interval_ms;
    ESP_LOGI(TAG, "a reading every %d ms", s_interval_ms);
}

int command_interval_ms(void)
{
    return s_interval_ms;
}
