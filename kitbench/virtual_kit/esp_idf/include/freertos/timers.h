/* SPDX-License-Identifier: Apache-2.0 */
/* Software timers, from the FreeRTOS reference manual. Callbacks run in the task "Tmr Svc". */
#pragma once

#include "freertos/FreeRTOS.h"
#include "freertos/task.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct kit_timer *TimerHandle_t;
typedef void (*TimerCallbackFunction_t)(TimerHandle_t timer);
typedef void (*PendedFunction_t)(void *parameter, uint32_t value);

TimerHandle_t xTimerCreate(const char *const name, const TickType_t period, const UBaseType_t auto_reload,
                           void *const id, TimerCallbackFunction_t callback);
TimerHandle_t xTimerCreateStatic(const char *const name, const TickType_t period, const UBaseType_t auto_reload,
                                 void *const id, TimerCallbackFunction_t callback, StaticTimer_t *buffer);
BaseType_t xTimerStart(TimerHandle_t timer, TickType_t ticks_to_wait);
BaseType_t xTimerStop(TimerHandle_t timer, TickType_t ticks_to_wait);
BaseType_t xTimerReset(TimerHandle_t timer, TickType_t ticks_to_wait);
BaseType_t xTimerChangePeriod(TimerHandle_t timer, TickType_t period, TickType_t ticks_to_wait);
BaseType_t xTimerDelete(TimerHandle_t timer, TickType_t ticks_to_wait);
BaseType_t xTimerIsTimerActive(TimerHandle_t timer);
BaseType_t xTimerPendFunctionCall(PendedFunction_t function, void *parameter, uint32_t value,
                                  TickType_t ticks_to_wait);
void *pvTimerGetTimerID(const TimerHandle_t timer);
void vTimerSetTimerID(TimerHandle_t timer, void *id);
void vTimerSetReloadMode(TimerHandle_t timer, const UBaseType_t auto_reload);
UBaseType_t uxTimerGetReloadMode(TimerHandle_t timer);
const char *pcTimerGetName(TimerHandle_t timer);
TickType_t xTimerGetPeriod(TimerHandle_t timer);
TickType_t xTimerGetExpiryTime(TimerHandle_t timer);
TaskHandle_t xTimerGetTimerDaemonTaskHandle(void);

#define xTimerStartFromISR(timer, woken) (kit_not_woken(woken), xTimerStart(timer, 0))
#define xTimerStopFromISR(timer, woken) (kit_not_woken(woken), xTimerStop(timer, 0))
#define xTimerResetFromISR(timer, woken) (kit_not_woken(woken), xTimerReset(timer, 0))
#define xTimerChangePeriodFromISR(timer, period, woken) (kit_not_woken(woken), xTimerChangePeriod(timer, period, 0))

#ifdef __cplusplus
}
#endif
