/* SPDX-License-Identifier: Apache-2.0 */
/* From the boot loader's jump to app_main(), with the lines that ESP-IDF prints on the way. */
#include <inttypes.h>
#include <stdio.h>
#include "esp_app_desc.h"
#include "esp_idf_version.h"
#include "esp_log.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "freertos/timers.h"
#include "heap.h"
#include "kernel.h"
#include "kit/host.h"
#include "sleep.h"
#include "spi_flash.h"

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
    ESP_LOGI(TAG, "Starting app cpu, entry point is 0x40081324");
    ESP_LOGI(TAG, "App cpu up.");
    ESP_LOGI(TAG, "Pro cpu start user code");
    ESP_LOGI(TAG, "cpu freq: 160000000 Hz");
    ESP_LOGI(TAG, "Application information:");
    ESP_LOGI(TAG, "Project name:     %s", app->project_name);
    ESP_LOGI(TAG, "App version:      %s", app->version);
    ESP_LOGI(TAG, "Compile time:     %s %s", app->date, app->time);
    ESP_LOGI(TAG, "ELF file SHA256:  %s...", hash);
    ESP_LOGI(TAG, "ESP-IDF:          %s", app->idf_ver);
    ESP_LOGI(TAG, "Min chip rev:     v0.0");
    ESP_LOGI(TAG, "Max chip rev:     v3.99 ");
    ESP_LOGI(TAG, "Chip rev:         v3.1"); /* as the boot loader reads it in the eFuses */
}

static void print_region(uint32_t address, uint32_t size)
{
    const char *kind = address >= 0x40000000 ? "IRAM" : address >= 0x3FFE0000 ? "D/IRAM" : "DRAM";
    ESP_LOGI("heap_init", "At %08" PRIX32 " len %08" PRIX32 " (%" PRIu32 " KiB): %s", address, size, size / 1024, kind);
}

static void print_heap(void)
{
    ESP_LOGI("heap_init", "Initializing. RAM available for dynamic allocation:");
    kit_heap_foreach_region(print_region);
    print_region(0x4008D374, 0x12C8C); /* for code and words only; nothing here allocates from it */
}

static void main_task(void *unused)
{
    static const char *const TAG = "main_task";
    (void)unused;
    ESP_LOGI(TAG, "Started on CPU0");
    ESP_LOGI("app_start", "Starting scheduler on CPU1");
    ESP_LOGI(TAG, "Calling app_main()");
    app_main();
    ESP_LOGI(TAG, "Returned from app_main()");
    vTaskDelete(NULL);
}

void kit_app_start(void)
{
    kit_wake_up();
    print_banner();
    print_heap();
    kit_spi_flash_init();
    ESP_LOGI("app_start", "Starting scheduler on CPU0");
    kit_add_system_tasks();
    esp_timer_init();
    xTimerGetTimerDaemonTaskHandle(); /* starts it */
    xTaskCreate(main_task, "main", CONFIG_ESP_MAIN_TASK_STACK_SIZE, NULL, MAIN_TASK_PRIORITY, NULL);
}

const char *esp_get_idf_version(void)
{
    return esp_app_get_description()->idf_ver;
}
