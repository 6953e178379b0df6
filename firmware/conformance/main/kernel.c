/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include "answer.h"
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

static TaskHandle_t s_main;

static void notify_without_action(void *argument)
{
    vTaskDelay(pdMS_TO_TICKS(100));
    xTaskNotify(s_main, 0, eNoAction);
    vTaskDelete(NULL);
}

void answer_kernel(void)
{
    s_main = xTaskGetCurrentTaskHandle();
    ANSWER("tasks", "%u", (unsigned)uxTaskGetNumberOfTasks());
    ANSWER("system tasks", "%d %d %d %d", xTaskGetHandle("IDLE0") != NULL, xTaskGetHandle("ipc1") != NULL,
           xTaskGetHandle("esp_timer") != NULL, xTaskGetHandle("Tmr Svc") != NULL);
    xTaskCreate(notify_without_action, "notify", 3072, NULL, 5, NULL);
    TickType_t began = xTaskGetTickCount();
    uint32_t taken = ulTaskNotifyTake(pdTRUE, pdMS_TO_TICKS(2000));
    ANSWER("take on eNoAction", "%u %d", (unsigned)taken, xTaskGetTickCount() - began < pdMS_TO_TICKS(1000));
    ANSWER_ERROR("timers twice", esp_timer_init());
}
