/* SPDX-License-Identifier: Apache-2.0 */
/* The task watchdog: the host watches that the idle task runs, and the tasks that subscribed here. */
#include "esp_task_wdt.h"
#include "kit/host.h"

esp_err_t esp_task_wdt_init(const esp_task_wdt_config_t *config)
{
    (void)config;
    return ESP_ERR_INVALID_STATE; /* start-up has initialised it, as ESP-IDF's default does */
}

esp_err_t esp_task_wdt_reconfigure(const esp_task_wdt_config_t *config)
{
    if (config == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    kit_task_wdt_configure((int32_t)config->timeout_ms, config->trigger_panic);
    return ESP_OK;
}

esp_err_t esp_task_wdt_deinit(void)
{
    kit_task_wdt_configure(0, 0);
    return ESP_OK;
}

static void *target_of(TaskHandle_t task)
{
    return task != NULL ? task : xTaskGetCurrentTaskHandle();
}

esp_err_t esp_task_wdt_add(TaskHandle_t task_handle)
{
    return kit_task_wdt_subscribe(target_of(task_handle), 1) ? ESP_OK : ESP_ERR_INVALID_STATE;
}

esp_err_t esp_task_wdt_delete(TaskHandle_t task_handle)
{
    return kit_task_wdt_subscribe(target_of(task_handle), 0) ? ESP_OK : ESP_ERR_NOT_FOUND;
}

esp_err_t esp_task_wdt_reset(void)
{
    return kit_task_wdt_feed(xTaskGetCurrentTaskHandle()) ? ESP_OK : ESP_ERR_NOT_FOUND;
}

esp_err_t esp_task_wdt_status(TaskHandle_t task_handle)
{
    return kit_task_wdt_status(target_of(task_handle)) ? ESP_OK : ESP_ERR_NOT_FOUND;
}
