/* SPDX-License-Identifier: Apache-2.0 */
/* Types and configuration of the FreeRTOS kernel (V10.4.3 as ESP-IDF 5.1 has it), from the FreeRTOS reference manual. */
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "kit/config.h"
#include "esp_attr.h"
#include "esp_bit_defs.h"
/* As in ESP-IDF 5.1, whose portmacro.h brings them to whoever includes FreeRTOS.h. */
#include "esp_heap_caps.h"
#include "esp_rom_sys.h"
#include "esp_system.h"
#include "esp_timer.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef int BaseType_t;
typedef unsigned int UBaseType_t;
typedef uint32_t TickType_t;
typedef uint8_t StackType_t;
typedef uint32_t configSTACK_DEPTH_TYPE;
typedef void (*TaskFunction_t)(void *);

#define pdFALSE ((BaseType_t)0)
#define pdTRUE ((BaseType_t)1)
#define pdPASS pdTRUE
#define pdFAIL pdFALSE
#define errQUEUE_EMPTY ((BaseType_t)0)
#define errQUEUE_FULL ((BaseType_t)0)
#define errCOULD_NOT_ALLOCATE_REQUIRED_MEMORY (-1)

#define configTICK_RATE_HZ ((TickType_t)CONFIG_FREERTOS_HZ)
#define configMAX_PRIORITIES 25
#define configMINIMAL_STACK_SIZE 1536
#define configMAX_TASK_NAME_LEN 16
#define configTASK_NOTIFICATION_ARRAY_ENTRIES 1
#define configNUM_THREAD_LOCAL_STORAGE_POINTERS 1
#define configUSE_TIMERS 1
#define configSTACK_OVERHEAD_TOTAL 0
#define configASSERT(x) assert(x)
#define configNUM_CORES 2
#define portNUM_PROCESSORS 2

#define portMAX_DELAY ((TickType_t)0xffffffffUL)
#define portTICK_PERIOD_MS ((TickType_t)(1000 / configTICK_RATE_HZ))
#if CONFIG_FREERTOS_ENABLE_BACKWARD_COMPATIBILITY
#define portTICK_RATE_MS portTICK_PERIOD_MS
#define pcTaskGetTaskName pcTaskGetName
#define xTaskHandle TaskHandle_t
#define xQueueHandle QueueHandle_t
#define xSemaphoreHandle SemaphoreHandle_t
#define xTimerHandle TimerHandle_t
#define portTickType TickType_t
#endif
#define pdMS_TO_TICKS(ms) ((TickType_t)(((uint64_t)(ms) * (uint64_t)configTICK_RATE_HZ) / 1000ULL))
#define pdTICKS_TO_MS(ticks) ((TickType_t)(((uint64_t)(ticks) * 1000ULL) / (uint64_t)configTICK_RATE_HZ))
#define tskNO_AFFINITY ((BaseType_t)0x7fffffff)

/* A spinlock: one task runs at a time, so that it only disables "interrupts", which the interrupt watchdog watches. */
typedef struct {
    uint32_t owner;
    uint32_t count;
} portMUX_TYPE;
typedef portMUX_TYPE spinlock_t;
#define portMUX_INITIALIZER_UNLOCKED {0, 0}
#define SPINLOCK_INITIALIZER portMUX_INITIALIZER_UNLOCKED
#define portMUX_INITIALIZE(mux) ((void)((mux)->owner = 0, (mux)->count = 0))
#define spinlock_initialize(mux) portMUX_INITIALIZE(mux)

void kit_interrupts_disable(void);
void kit_interrupts_enable(void);
void vPortYield(void);
BaseType_t xPortGetCoreID(void);
BaseType_t xPortInIsrContext(void);
size_t xPortGetFreeHeapSize(void);
size_t xPortGetMinimumEverFreeHeapSize(void);
void *pvPortMalloc(size_t size);
void vPortFree(void *block);

#define portENTER_CRITICAL(mux) ((void)(mux), kit_interrupts_disable())
#define portEXIT_CRITICAL(mux) ((void)(mux), kit_interrupts_enable())
#define portENTER_CRITICAL_ISR(mux) portENTER_CRITICAL(mux)
#define portEXIT_CRITICAL_ISR(mux) portEXIT_CRITICAL(mux)
#define portENTER_CRITICAL_SAFE(mux) portENTER_CRITICAL(mux)
#define portEXIT_CRITICAL_SAFE(mux) portEXIT_CRITICAL(mux)
#define portDISABLE_INTERRUPTS() kit_interrupts_disable()
#define portENABLE_INTERRUPTS() kit_interrupts_enable()
#define portYIELD() vPortYield()
#define portYIELD_FROM_ISR(...) vPortYield()

/* Static allocation: room for the kernel's record in the caller's memory. */
typedef struct {
    uint64_t kit_room[16];
} StaticTask_t;
typedef struct {
    uint64_t kit_room[8];
} StaticQueue_t;
typedef StaticQueue_t StaticSemaphore_t;
typedef struct {
    uint64_t kit_room[4];
} StaticEventGroup_t;
typedef struct {
    uint64_t kit_room[8];
} StaticTimer_t;

#ifdef __cplusplus
}
#endif
