/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks and task notifications, from the FreeRTOS reference manual and ESP-IDF 5.1's additions (stack sizes in bytes). */
#pragma once

#include "freertos/FreeRTOS.h"

#define tskKERNEL_VERSION_NUMBER "V10.4.3"
#define tskKERNEL_VERSION_MAJOR 10
#define tskKERNEL_VERSION_MINOR 4
#define tskKERNEL_VERSION_BUILD 3

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kit_task *TaskHandle_t;

typedef enum {
    eRunning = 0,
    eReady,
    eBlocked,
    eSuspended,
    eDeleted,
    eInvalid,
} eTaskState;

typedef enum {
    eNoAction = 0,
    eSetBits,
    eIncrement,
    eSetValueWithOverwrite,
    eSetValueWithoutOverwrite,
} eNotifyAction;

typedef struct xTIME_OUT {
    BaseType_t xOverflowCount;
    TickType_t xTimeOnEntering;
} TimeOut_t;

#define tskIDLE_PRIORITY ((UBaseType_t)0U)
#define taskSCHEDULER_SUSPENDED ((BaseType_t)0)
#define taskSCHEDULER_NOT_STARTED ((BaseType_t)1)
#define taskSCHEDULER_RUNNING ((BaseType_t)2)
#define taskYIELD() vPortYield()
#define taskENTER_CRITICAL(mux) portENTER_CRITICAL(mux)
#define taskEXIT_CRITICAL(mux) portEXIT_CRITICAL(mux)
#define taskENTER_CRITICAL_ISR(mux) portENTER_CRITICAL(mux)
#define taskEXIT_CRITICAL_ISR(mux) portEXIT_CRITICAL(mux)
#define taskDISABLE_INTERRUPTS() portDISABLE_INTERRUPTS()
#define taskENABLE_INTERRUPTS() portENABLE_INTERRUPTS()

BaseType_t xTaskCreate(TaskFunction_t function, const char *const name, const configSTACK_DEPTH_TYPE stack_size,
                       void *const parameters, UBaseType_t priority, TaskHandle_t *const created_task);
BaseType_t xTaskCreatePinnedToCore(TaskFunction_t function, const char *const name, const uint32_t stack_size,
                                   void *const parameters, UBaseType_t priority, TaskHandle_t *const created_task,
                                   const BaseType_t core);
TaskHandle_t xTaskCreateStatic(TaskFunction_t function, const char *const name, const uint32_t stack_size,
                               void *const parameters, UBaseType_t priority, StackType_t *const stack,
                               StaticTask_t *const task_buffer);
TaskHandle_t xTaskCreateStaticPinnedToCore(TaskFunction_t function, const char *const name, const uint32_t stack_size,
                                           void *const parameters, UBaseType_t priority, StackType_t *const stack,
                                           StaticTask_t *const task_buffer, const BaseType_t core);
void vTaskDelete(TaskHandle_t task);
void vTaskDelay(const TickType_t ticks);
BaseType_t xTaskDelayUntil(TickType_t *const previous_wake_time, const TickType_t increment);
#define vTaskDelayUntil(previous_wake_time, increment) ((void)xTaskDelayUntil(previous_wake_time, increment))
BaseType_t xTaskAbortDelay(TaskHandle_t task);
UBaseType_t uxTaskPriorityGet(const TaskHandle_t task);
void vTaskPrioritySet(TaskHandle_t task, UBaseType_t priority);
void vTaskSuspend(TaskHandle_t task);
void vTaskResume(TaskHandle_t task);
BaseType_t xTaskResumeFromISR(TaskHandle_t task);
void vTaskSuspendAll(void);
BaseType_t xTaskResumeAll(void);
TickType_t xTaskGetTickCount(void);
TickType_t xTaskGetTickCountFromISR(void);
UBaseType_t uxTaskGetNumberOfTasks(void);
char *pcTaskGetName(TaskHandle_t task);
TaskHandle_t xTaskGetHandle(const char *name);
TaskHandle_t xTaskGetCurrentTaskHandle(void);
TaskHandle_t xTaskGetCurrentTaskHandleForCPU(BaseType_t core);
TaskHandle_t xTaskGetIdleTaskHandle(void);
BaseType_t xTaskGetSchedulerState(void);
BaseType_t xTaskGetAffinity(TaskHandle_t task);
eTaskState eTaskGetState(TaskHandle_t task);
UBaseType_t uxTaskGetStackHighWaterMark(TaskHandle_t task);
configSTACK_DEPTH_TYPE uxTaskGetStackHighWaterMark2(TaskHandle_t task);
uint8_t *pxTaskGetStackStart(TaskHandle_t task);
void *pvTaskGetThreadLocalStoragePointer(TaskHandle_t task, BaseType_t index);
void vTaskSetThreadLocalStoragePointer(TaskHandle_t task, BaseType_t index, void *value);
void vTaskSetTimeOutState(TimeOut_t *const time_out);
BaseType_t xTaskCheckForTimeOut(TimeOut_t *const time_out, TickType_t *const ticks_to_wait);

BaseType_t xTaskGenericNotify(TaskHandle_t task, UBaseType_t index, uint32_t value, eNotifyAction action,
                              uint32_t *previous_value);
BaseType_t xTaskGenericNotifyWait(UBaseType_t index, uint32_t clear_on_entry, uint32_t clear_on_exit,
                                  uint32_t *value, TickType_t ticks_to_wait);
uint32_t ulTaskGenericNotifyTake(UBaseType_t index, BaseType_t clear_on_exit, TickType_t ticks_to_wait);
BaseType_t xTaskGenericNotifyStateClear(TaskHandle_t task, UBaseType_t index);
uint32_t ulTaskGenericNotifyValueClear(TaskHandle_t task, UBaseType_t index, uint32_t bits_to_clear);

#define xTaskNotify(task, value, action) xTaskGenericNotify(task, 0, value, action, NULL)
#define xTaskNotifyAndQuery(task, value, action, previous) xTaskGenericNotify(task, 0, value, action, previous)
#define xTaskNotifyGive(task) xTaskGenericNotify(task, 0, 0, eIncrement, NULL)
#define xTaskNotifyWait(entry, exit, value, ticks) xTaskGenericNotifyWait(0, entry, exit, value, ticks)
#define ulTaskNotifyTake(clear, ticks) ulTaskGenericNotifyTake(0, clear, ticks)
#define xTaskNotifyStateClear(task) xTaskGenericNotifyStateClear(task, 0)
#define ulTaskNotifyValueClear(task, bits) ulTaskGenericNotifyValueClear(task, 0, bits)
#define xTaskNotifyFromISR(task, value, action, woken) \
    (kit_not_woken(woken), xTaskGenericNotify(task, 0, value, action, NULL))
#define vTaskNotifyGiveFromISR(task, woken) \
    (kit_not_woken(woken), (void)xTaskGenericNotify(task, 0, 0, eIncrement, NULL))

/** The ...FromISR calls switch at once, so that nothing is left to yield to. */
static inline void kit_not_woken(BaseType_t *woken)
{
    if (woken != NULL) {
        *woken = pdFALSE;
    }
}

#ifdef __cplusplus
}
#endif
