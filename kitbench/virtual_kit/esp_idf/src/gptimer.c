/* SPDX-License-Identifier: Apache-2.0 */
/* General purpose timers over the kit's clock: a count since its start, and an alarm that an esp_timer waits for. */
#include "driver/gptimer.h"
#include <stdlib.h>
#include "esp_log.h"
#include "esp_timer.h"
#include "gpio.h"
#include "kit/host.h"
#include "soc/soc_caps.h"

#define APB_HZ 80000000u
#define PRESCALE_MOST 65536u
#define PRESCALE_LEAST 2u

enum state { INIT, ENABLED, RUNS };

struct gptimer_t {
    enum state state;
    bool counts_up;
    bool has_alarm;
    uint32_t resolution;
    uint64_t base; /* the count at `since_us` */
    int64_t since_us;
    gptimer_alarm_config_t alarm;
    gptimer_alarm_cb_t on_alarm;
    void *user_data;
    esp_timer_handle_t clock;
};

static const char *const TAG = "gptimer";
static int s_count;

static uint64_t count_of(const struct gptimer_t *timer)
{
    if (timer->state != RUNS) {
        return timer->base;
    }
    const uint64_t passed = (uint64_t)(kit_time_us() - timer->since_us) * timer->resolution / 1000000;
    return timer->counts_up ? timer->base + passed : timer->base - passed;
}

static void set_count(struct gptimer_t *timer, uint64_t value)
{
    timer->base = value;
    timer->since_us = kit_time_us();
}

/* Have the clock call when the count gets to the alarm; one that it has passed is told of at once. */
static void arm(struct gptimer_t *timer)
{
    esp_timer_stop(timer->clock);
    if (timer->state != RUNS || !timer->has_alarm) {
        return;
    }
    const uint64_t now = count_of(timer);
    const uint64_t alarm = timer->alarm.alarm_count;
    const uint64_t ahead = timer->counts_up ? (alarm > now ? alarm - now : 0) : (now > alarm ? now - alarm : 0);
    esp_timer_start_once(timer->clock, (ahead * 1000000 + timer->resolution - 1) / timer->resolution);
}

static void on_clock(void *argument)
{
    struct gptimer_t *timer = argument;
    const gptimer_alarm_event_data_t event = {count_of(timer), timer->alarm.alarm_count};
    timer->has_alarm = timer->alarm.flags.auto_reload_on_alarm;
    if (timer->has_alarm) {
        set_count(timer, timer->alarm.reload_count);
        arm(timer);
    }
    if (timer->on_alarm != NULL) {
        const bool before = kit_set_in_interrupt(true);
        timer->on_alarm(timer, &event, timer->user_data);
        kit_set_in_interrupt(before);
    }
}

esp_err_t gptimer_new_timer(const gptimer_config_t *config, gptimer_handle_t *ret_timer)
{
    if (config == NULL || ret_timer == NULL || config->resolution_hz == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    const uint32_t prescale = APB_HZ / config->resolution_hz;
    if (prescale < PRESCALE_LEAST || prescale > PRESCALE_MOST) {
        ESP_LOGE(TAG, "invalid resolution_hz %u", (unsigned)config->resolution_hz);
        return ESP_ERR_INVALID_ARG;
    }
    if (s_count == SOC_TIMER_GROUP_TOTAL_TIMERS) {
        ESP_LOGE(TAG, "no free timer");
        return ESP_ERR_NOT_FOUND;
    }
    struct gptimer_t *timer = calloc(1, sizeof(*timer));
    if (timer == NULL) {
        return ESP_ERR_NO_MEM;
    }
    const esp_timer_create_args_t clock = {.callback = on_clock, .arg = timer, .name = "gptimer"};
    const esp_err_t error = esp_timer_create(&clock, &timer->clock);
    if (error != ESP_OK) {
        free(timer);
        return error;
    }
    timer->counts_up = config->direction == GPTIMER_COUNT_UP;
    timer->resolution = APB_HZ / prescale;
    s_count++;
    *ret_timer = timer;
    return ESP_OK;
}

/* Whether a timer is given and in this state; says so where it is not. */
static esp_err_t expect(const struct gptimer_t *timer, enum state state, const char *otherwise)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (timer->state != state) {
        ESP_LOGE(TAG, "%s", otherwise);
        return ESP_ERR_INVALID_STATE;
    }
    return ESP_OK;
}

esp_err_t gptimer_del_timer(gptimer_handle_t timer)
{
    const esp_err_t error = expect(timer, INIT, "timer not in init state");
    if (error == ESP_OK) {
        esp_timer_delete(timer->clock);
        free(timer);
        s_count--;
    }
    return error;
}

esp_err_t gptimer_set_raw_count(gptimer_handle_t timer, uint64_t value)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    set_count(timer, value);
    arm(timer);
    return ESP_OK;
}

esp_err_t gptimer_get_raw_count(gptimer_handle_t timer, uint64_t *value)
{
    if (timer == NULL || value == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *value = count_of(timer);
    return ESP_OK;
}

esp_err_t gptimer_get_resolution(gptimer_handle_t timer, uint32_t *out_resolution)
{
    if (timer == NULL || out_resolution == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    *out_resolution = timer->resolution;
    return ESP_OK;
}

esp_err_t gptimer_register_event_callbacks(gptimer_handle_t timer, const gptimer_event_callbacks_t *cbs,
                                           void *user_data)
{
    const esp_err_t error = cbs == NULL ? ESP_ERR_INVALID_ARG : expect(timer, INIT, "timer not in init state");
    if (error == ESP_OK) {
        timer->on_alarm = cbs->on_alarm;
        timer->user_data = user_data;
    }
    return error;
}

esp_err_t gptimer_set_alarm_action(gptimer_handle_t timer, const gptimer_alarm_config_t *config)
{
    if (timer == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (config != NULL && config->flags.auto_reload_on_alarm && config->alarm_count == config->reload_count) {
        ESP_LOGE(TAG, "reload count can't equal to alarm count");
        return ESP_ERR_INVALID_ARG;
    }
    timer->has_alarm = config != NULL;
    if (config != NULL) {
        timer->alarm = *config;
    }
    arm(timer);
    return ESP_OK;
}

esp_err_t gptimer_enable(gptimer_handle_t timer)
{
    const esp_err_t error = expect(timer, INIT, "timer not in init state");
    if (error == ESP_OK) {
        timer->state = ENABLED;
    }
    return error;
}

esp_err_t gptimer_disable(gptimer_handle_t timer)
{
    const esp_err_t error = expect(timer, ENABLED, "timer not in enable state");
    if (error == ESP_OK) {
        timer->state = INIT;
    }
    return error;
}

esp_err_t gptimer_start(gptimer_handle_t timer)
{
    const esp_err_t error = expect(timer, ENABLED, "timer is not enabled yet");
    if (error == ESP_OK) {
        timer->state = RUNS;
        timer->since_us = kit_time_us();
        arm(timer);
    }
    return error;
}

esp_err_t gptimer_stop(gptimer_handle_t timer)
{
    const esp_err_t error = expect(timer, RUNS, "timer is not running");
    if (error == ESP_OK) {
        timer->base = count_of(timer);
        timer->state = ENABLED;
        arm(timer);
    }
    return error;
}
