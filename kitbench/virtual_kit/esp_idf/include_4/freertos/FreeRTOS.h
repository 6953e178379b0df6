/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS with the names that ESP-IDF 5 has dropped. */
#pragma once

#include_next <freertos/FreeRTOS.h>

#undef portTICK_RATE_MS
#define portTICK_RATE_MS portTICK_PERIOD_MS
#undef pcTaskGetTaskName
#define pcTaskGetTaskName pcTaskGetName
#define xTaskHandle TaskHandle_t
#define xQueueHandle QueueHandle_t
#define xSemaphoreHandle SemaphoreHandle_t
#define xTimerHandle TimerHandle_t
#define portTickType TickType_t
