/* SPDX-License-Identifier: Apache-2.0 */
/* FreeRTOS software timers: a list ordered by nothing, and the daemon task that sleeps until the next one is due. */
#include <stdlib.h>
#include <string.h>
#include "freertos/timers.h"
#include "kernel.h"

#define DAEMON_PRIORITY 1

struct kit_timer {
    const char *name;
    TickType_t period;
    void *id;
    TimerCallbackFunction_t callback;
    int64_t due_us;
    struct kit_timer *next;
    bool reload;
    bool active;
    bool deleted;
    bool owns_record;
};

struct pended {
    PendedFunction_t function;
    void *parameter;
    uint32_t value;
    struct pended *next;
};

static struct kit_timer *s_timers;
static struct pended *s_pended;
static TaskHandle_t s_daemon;

static void run_pended(void)
{
    while (s_pended != NULL) {
        struct pended *item = s_pended;
        s_pended = item->next;
        item->function(item->parameter, item->value);
        free(item);
    }
}

static struct kit_timer *earliest(void)
{
    struct kit_timer *first = NULL;
    for (struct kit_timer *timer = s_timers; timer != NULL; timer = timer->next) {
        if (timer->active && (first == NULL || timer->due_us < first->due_us)) {
            first = timer;
        }
    }
    return first;
}

static void release_deleted(void)
{
    for (struct kit_timer **link = &s_timers; *link != NULL;) {
        struct kit_timer *timer = *link;
        if (timer->deleted) {
            *link = timer->next;
            if (timer->owns_record) {
                free(timer);
            }
        } else {
            link = &timer->next;
        }
    }
}

static void fire(struct kit_timer *timer)
{
    if (timer->reload) {
        timer->due_us += kit_ticks_us(timer->period);
    } else {
        timer->active = false;
    }
    timer->callback(timer);
}

static void daemon(void *unused)
{
    (void)unused;
    for (;;) {
        run_pended();
        release_deleted();
        struct kit_timer *timer = earliest();
        const int64_t left = timer != NULL ? timer->due_us - kit_time_us() : -1;
        if (timer != NULL && left <= 0) {
            fire(timer);
        } else {
            kit_block(&s_timers, left);
        }
    }
}

static bool start_daemon(void)
{
    return s_daemon != NULL || xTaskCreate(daemon, "Tmr Svc", CONFIG_FREERTOS_TIMER_TASK_STACK_DEPTH, NULL,
                                           DAEMON_PRIORITY, &s_daemon) == pdPASS;
}

TimerHandle_t xTimerCreateStatic(const char *const name, const TickType_t period, const UBaseType_t auto_reload,
                                 void *const id, TimerCallbackFunction_t callback, StaticTimer_t *buffer)
{
    _Static_assert(sizeof(StaticTimer_t) >= sizeof(struct kit_timer), "StaticTimer_t must hold a timer");
    configASSERT(period > 0);
    struct kit_timer *timer = buffer != NULL ? (void *)buffer : malloc(sizeof(*timer));
    if (timer == NULL || !start_daemon()) {
        return NULL;
    }
    *timer = (struct kit_timer){
        .name = name,
        .period = period,
        .id = id,
        .callback = callback,
        .reload = auto_reload != 0,
        .owns_record = buffer == NULL,
        .next = s_timers,
    };
    s_timers = timer;
    return timer;
}

TimerHandle_t xTimerCreate(const char *const name, const TickType_t period, const UBaseType_t auto_reload,
                           void *const id, TimerCallbackFunction_t callback)
{
    return xTimerCreateStatic(name, period, auto_reload, id, callback, NULL);
}

BaseType_t xTimerStart(TimerHandle_t timer, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    configASSERT(timer);
    timer->due_us = kit_time_us() + kit_ticks_us(timer->period);
    timer->active = true;
    kit_wake(&s_timers, true);
    return pdPASS;
}

BaseType_t xTimerStop(TimerHandle_t timer, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    configASSERT(timer);
    timer->active = false;
    return pdPASS;
}

BaseType_t xTimerReset(TimerHandle_t timer, TickType_t ticks_to_wait)
{
    return xTimerStart(timer, ticks_to_wait);
}

BaseType_t xTimerChangePeriod(TimerHandle_t timer, TickType_t period, TickType_t ticks_to_wait)
{
    configASSERT(timer);
    configASSERT(period > 0);
    timer->period = period;
    return xTimerStart(timer, ticks_to_wait);
}

BaseType_t xTimerDelete(TimerHandle_t timer, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    configASSERT(timer);
    timer->active = false;
    timer->deleted = true;
    kit_wake(&s_timers, true);
    return pdPASS;
}

BaseType_t xTimerIsTimerActive(TimerHandle_t timer)
{
    return timer->active;
}

BaseType_t xTimerPendFunctionCall(PendedFunction_t function, void *parameter, uint32_t value, TickType_t ticks_to_wait)
{
    (void)ticks_to_wait;
    struct pended *item = malloc(sizeof(*item));
    if (item == NULL || !start_daemon()) {
        free(item);
        return pdFAIL;
    }
    *item = (struct pended){.function = function, .parameter = parameter, .value = value};
    struct pended **tail = &s_pended;
    while (*tail != NULL) {
        tail = &(*tail)->next;
    }
    *tail = item;
    kit_wake(&s_timers, true);
    return pdPASS;
}

void *pvTimerGetTimerID(const TimerHandle_t timer)
{
    return timer->id;
}

void vTimerSetTimerID(TimerHandle_t timer, void *id)
{
    timer->id = id;
}

void vTimerSetReloadMode(TimerHandle_t timer, const UBaseType_t auto_reload)
{
    timer->reload = auto_reload != 0;
}

UBaseType_t uxTimerGetReloadMode(TimerHandle_t timer)
{
    return timer->reload;
}

const char *pcTimerGetName(TimerHandle_t timer)
{
    return timer->name;
}

TickType_t xTimerGetPeriod(TimerHandle_t timer)
{
    return timer->period;
}

TickType_t xTimerGetExpiryTime(TimerHandle_t timer)
{
    return (TickType_t)(timer->due_us * configTICK_RATE_HZ / 1000000);
}

TaskHandle_t xTimerGetTimerDaemonTaskHandle(void)
{
    start_daemon();
    return s_daemon;
}
