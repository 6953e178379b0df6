/* SPDX-License-Identifier: Apache-2.0 */
/* From the boot loader's jump to app_main(), with the lines that ESP-IDF prints on the way. */
#include <stdio.h>
#include "esp_app_desc.h"
#include "esp_idf_version.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "kit/host.h"

#define MAIN_TASK_PRIORITY 1

extern void app_main(void);

static void print_banner(void)
{
    static const char *const TAG = "cpu_start";
    const esp_app_desc_t *app = esp_app_get_description();
    char hash[17];
    esp_app_get_elf_sha256(hash, sizeof(hash));
    ESP_LOGI(TAG, "Multicore app");
    ESP_LOGI(TAG, "Pro cpu up.");
    ESP_LOGI(TAG, "Pro cpu start user code");
    ESP_LOGI(TAG, "cpu freq: 160000000 Hz");
    ESP_LOGI(TAG, "Application information:");
    ESP_LOGI(TAG, "Project name:     %s", app->project_name);
    ESP_LOGI(TAG, "App version:      %s", app->version);
    ESP_LOGI(TAG, "Compile time:     %s %s", app->date, app->time);
    ESP_LOGI(TAG, "ELF file SHA256:  %s...", hash);
    ESP_LOGI(TAG, "ESP-IDF:          %s", app->idf_ver);
    ESP_LOGI("heap_init", "Initializing. RAM available for dynamic allocation:");
    ESP_LOGI("app_start", "Starting scheduler on CPU0");
}

static void main_task(void *unused)
{
    static const char *const TAG = "main_task";
    (void)unused;
    ESP_LOGI(TAG, "Started on CPU0");
    ESP_LOGI(TAG, "Calling app_main()");
    app_main();
    ESP_LOGI(TAG, "Returned from app_main()");
    vTaskDelete(NULL);
}

void kit_app_start(void)
{
    print_banner();
    xTaskCreate(main_task, "main", CONFIG_ESP_MAIN_TASK_STACK_SIZE, NULL, MAIN_TASK_PRIORITY, NULL);
}

const char *esp_get_idf_version(void)
{
    return esp_app_get_description()->idf_ver;
}
