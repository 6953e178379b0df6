/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include "esp_timer.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "kit/host.h"

#define TASK_PRIORITY 22
#define TASK_STACK 3584
#define SHORTEST_PERIOD_US 50

struct esp_timer {
    esp_timer_cb_t callback;
    void *arg;
    int64_t due_us;
    uint64_t period_us;
    bool active;
    bool skip_missed;
    struct esp_timer *next;
};

static struct esp_timer *s_timers;
static TaskHandle_t s_task;

static struct esp_timer *earliest(void)
{
    struct esp_timer *first = NULL;
    for (struct esp_timer *timer = s_timers; timer != NULL; timer = timer->next) {
        if (timer->active && (first == NULL || timer->due_us < first->due_us)) {
            first = timer;
        }
    }
    return first;
}

static void fire(struct esp_timer *timer, int64_t now)
{
    timer->active = timer->period_us > 0;
    timer->due_us += (int64_t)timer->period_us;
    if (timer->active && timer->skip_missed && timer->due_us < now) {
        timer->due_us = now + (int64_t)timer->period_us;
    }
    timer->callback(timer->arg);
}

static void timer_task(void *unused)
{
    (void)unused;
    for (;;) {
        struct esp_timer *timer = earliest();
        const int64_t now = kit_time_us();
        if (timer != NULL && timer->due_us <= now) {
            fire(timer, now);
        } else {
            kit_block(&s_timers, timer != NULL ? timer->due_us - now : -1);
        }
    }
}

esp_err_t esp_timer_init(void)
{
    if (s_task != NULL) {
        return ESP_ERR_INVALID_STATE;
    }
    return xTaskCreate(timer_task, "esp_timer", TASK_STACK, NULL, TASK_PRIORITY, &s_task) == pdPASS ? ESP_OK
                                                                                                    : ESP_ERR_NO_MEM;
}

esp_err_t esp_timer_create(const esp_timer_create_args_t *create_args, esp_timer_handle_t *out_handle)
{
    if (create_args == NULL || create_args->callback == NULL || out_handle == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    struct esp_timer *timer = calloc(1, sizeof(*timer));
    if (timer == NULL) {
        return ESP_ERR_NO_MEM;
    }
    timer->callback = create_args->callback;
    timer->arg = create_args->arg;
    timer->skip_missed = create_args->skip_unhandled_events;
    timer->next = s_timers;
    s_timers = timer;
    *out_handle = timer;
    return ESP_OK;
}

static esp_err_t start(esp_timer_handle_t timer, uint64_t delay_us, uint64_t period_us)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (timer->active) {
        return ESP_ERR_INVALID_STATE;
    }
    timer->due_us = kit_time_us() + (int64_t)delay_us;
    timer->period_us = period_us;
    timer->active = true;
    kit_wake(&s_timers, true);
    return ESP_OK;
}

esp_err_t esp_timer_start_once(esp_timer_handle_t timer, uint64_t timeout_us)
{
    return start(timer, timeout_us, 0);
}

esp_err_t esp_timer_start_periodic(esp_timer_handle_t timer, uint64_t period_us)
{
    const uint64_t period = period_us < SHORTEST_PERIOD_US ? SHORTEST_PERIOD_US : period_us;
    return start(timer, period, period);
}

esp_err_t esp_timer_restart(esp_timer_handle_t timer, uint64_t timeout_us)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!timer->active) {
        return ESP_ERR_INVALID_STATE;
    }
    timer->active = false;
    return start(timer, timeout_us, timer->period_us > 0 ? timeout_us : 0);
}

esp_err_t esp_timer_stop(esp_timer_handle_t timer)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!timer->active) {
        return ESP_ERR_INVALID_STATE;
    }
    timer->active = false;
    return ESP_OK;
}

esp_err_t esp_timer_delete(esp_timer_handle_t timer)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (timer->active) {
        return ESP_ERR_INVALID_STATE;
    }
    for (struct esp_timer **link = &s_timers; *link != NULL; link = &(*link)->next) {
        if (*link == timer) {
            *link = timer->next;
            break;
        }
    }
    free(timer);
    return ESP_OK;
}

bool esp_timer_is_active(esp_timer_handle_t timer)
{
    return timer != NULL && timer->active;
}

int64_t esp_timer_get_time(void)
{
    return kit_time_us();
}
