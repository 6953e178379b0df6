/* SPDX-License-Identifier: Apache-2.0 */
/* LED control: timers and channels with the chip's limits; lamps at the pins are told the wave. A fade jumps to its end. */
#include "driver/ledc.h"
#include "esp_log.h"
#include "freertos/FreeRTOS.h"
#include "freertos/task.h"
#include "gpio.h"

#define APB_HZ 80000000u
#define REF_TICK_HZ 1000000u
#define DIVIDER_MOST 0x40000u /* 18 bits, eight of them behind the point */
#define DIVIDER_LEAST 0x100u

struct timer {
    uint32_t frequency;
    uint32_t resolution;
};

struct channel {
    bool is_set;
    bool is_inverted;
    bool is_stopped;
    int pin;
    ledc_timer_t timer;
    uint32_t duty;
    uint32_t next_duty;
    uint32_t fade_ms;
};

static const char *const TAG = "ledc";
static struct timer s_timers[LEDC_SPEED_MODE_MAX][LEDC_TIMER_MAX];
static struct channel s_channels[LEDC_SPEED_MODE_MAX][LEDC_CHANNEL_MAX];
static bool s_can_fade;

/* Tell the lamp at a channel's pin what it puts out. */
static void show(ledc_mode_t mode, const struct channel *channel)
{
    const struct timer *timer = &s_timers[mode][channel->timer];
    if (!channel->is_set || timer->resolution == 0 || channel->is_stopped) {
        return;
    }
    const uint64_t whole = 1ull << timer->resolution;
    const uint64_t on = channel->duty < whole ? channel->duty : whole;
    const uint32_t high = (uint32_t)(on * 1000000 / whole);
    kit_gpio_wave(channel->pin, channel->is_inverted ? 1000000 - high : high, timer->frequency);
}

static void show_all(ledc_mode_t mode, ledc_timer_t timer)
{
    for (int i = 0; i < LEDC_CHANNEL_MAX; i++) {
        if (s_channels[mode][i].timer == timer) {
            show(mode, &s_channels[mode][i]);
        }
    }
}

static uint64_t divider(uint32_t clock, uint32_t frequency, uint32_t resolution)
{
    const uint64_t cycle = (uint64_t)frequency << resolution;
    return (((uint64_t)clock << 8) + cycle / 2) / cycle;
}

static esp_err_t set_timer(struct timer *timer, uint32_t frequency, uint32_t resolution)
{
    const uint64_t fast = divider(APB_HZ, frequency, resolution);
    const uint64_t slow = divider(REF_TICK_HZ, frequency, resolution);
    const bool reaches = fast >= DIVIDER_LEAST && fast < DIVIDER_MOST;
    if (!reaches && !(slow >= DIVIDER_LEAST && slow < DIVIDER_MOST)) {
        ESP_LOGE(TAG, "requested frequency and duty resolution can not be achieved, try %s freq_hz or duty_resolution. "
                      "div_param=%u", fast < DIVIDER_LEAST ? "reducing" : "increasing", (unsigned)fast);
        return ESP_FAIL;
    }
    *timer = (struct timer){frequency, resolution};
    return ESP_OK;
}

esp_err_t ledc_timer_config(const ledc_timer_config_t *timer_conf)
{
    if (timer_conf == NULL || (unsigned)timer_conf->speed_mode >= LEDC_SPEED_MODE_MAX || timer_conf->freq_hz == 0 ||
        timer_conf->duty_resolution == 0 || timer_conf->duty_resolution >= LEDC_TIMER_BIT_MAX ||
        (unsigned)timer_conf->timer_num >= LEDC_TIMER_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    const esp_err_t error = set_timer(&s_timers[timer_conf->speed_mode][timer_conf->timer_num], timer_conf->freq_hz,
                                      timer_conf->duty_resolution);
    show_all(timer_conf->speed_mode, timer_conf->timer_num);
    return error;
}

esp_err_t ledc_channel_config(const ledc_channel_config_t *ledc_conf)
{
    if (ledc_conf == NULL || (unsigned)ledc_conf->speed_mode >= LEDC_SPEED_MODE_MAX ||
        (unsigned)ledc_conf->channel >= LEDC_CHANNEL_MAX || (unsigned)ledc_conf->timer_sel >= LEDC_TIMER_MAX ||
        !GPIO_IS_VALID_OUTPUT_GPIO(ledc_conf->gpio_num)) {
        return ESP_ERR_INVALID_ARG;
    }
    s_channels[ledc_conf->speed_mode][ledc_conf->channel] = (struct channel){
        .is_set = true,
        .is_inverted = ledc_conf->flags.output_invert,
        .pin = ledc_conf->gpio_num,
        .timer = ledc_conf->timer_sel,
        .duty = ledc_conf->duty,
        .next_duty = ledc_conf->duty,
    };
    show(ledc_conf->speed_mode, &s_channels[ledc_conf->speed_mode][ledc_conf->channel]);
    return ESP_OK;
}

static struct channel *channel_of(ledc_mode_t mode, ledc_channel_t channel)
{
    return (unsigned)mode < LEDC_SPEED_MODE_MAX && (unsigned)channel < LEDC_CHANNEL_MAX ? &s_channels[mode][channel]
                                                                                       : NULL;
}

esp_err_t ledc_set_duty(ledc_mode_t speed_mode, ledc_channel_t channel, uint32_t duty)
{
    struct channel *target = channel_of(speed_mode, channel);
    if (target == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    target->next_duty = duty;
    return ESP_OK;
}

esp_err_t ledc_set_duty_with_hpoint(ledc_mode_t speed_mode, ledc_channel_t channel, uint32_t duty, uint32_t hpoint)
{
    (void)hpoint;
    return ledc_set_duty(speed_mode, channel, duty);
}

esp_err_t ledc_update_duty(ledc_mode_t speed_mode, ledc_channel_t channel)
{
    struct channel *target = channel_of(speed_mode, channel);
    if (target == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    target->duty = target->next_duty;
    target->is_stopped = false;
    show(speed_mode, target);
    return ESP_OK;
}

esp_err_t ledc_set_duty_and_update(ledc_mode_t speed_mode, ledc_channel_t channel, uint32_t duty, uint32_t hpoint)
{
    if (!s_can_fade) {
        ESP_LOGE(TAG, "Fade service not installed, call ledc_fade_func_install");
        return ESP_ERR_INVALID_STATE;
    }
    const esp_err_t error = ledc_set_duty_with_hpoint(speed_mode, channel, duty, hpoint);
    return error != ESP_OK ? error : ledc_update_duty(speed_mode, channel);
}

uint32_t ledc_get_duty(ledc_mode_t speed_mode, ledc_channel_t channel)
{
    const struct channel *target = channel_of(speed_mode, channel);
    return target != NULL ? target->duty : UINT32_MAX;
}

esp_err_t ledc_stop(ledc_mode_t speed_mode, ledc_channel_t channel, uint32_t idle_level)
{
    struct channel *target = channel_of(speed_mode, channel);
    if (target == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    target->is_stopped = true;
    if (target->is_set) {
        kit_gpio_wave(target->pin, idle_level != 0 ? 1000000 : 0, 0);
    }
    return ESP_OK;
}

esp_err_t ledc_set_freq(ledc_mode_t speed_mode, ledc_timer_t timer_num, uint32_t freq_hz)
{
    if ((unsigned)speed_mode >= LEDC_SPEED_MODE_MAX || (unsigned)timer_num >= LEDC_TIMER_MAX || freq_hz == 0) {
        return ESP_ERR_INVALID_ARG;
    }
    struct timer *timer = &s_timers[speed_mode][timer_num];
    if (timer->resolution == 0) {
        return ESP_ERR_INVALID_STATE;
    }
    const esp_err_t error = set_timer(timer, freq_hz, timer->resolution);
    show_all(speed_mode, timer_num);
    return error;
}

uint32_t ledc_get_freq(ledc_mode_t speed_mode, ledc_timer_t timer_num)
{
    return (unsigned)speed_mode < LEDC_SPEED_MODE_MAX && (unsigned)timer_num < LEDC_TIMER_MAX
               ? s_timers[speed_mode][timer_num].frequency
               : 0;
}

esp_err_t ledc_fade_func_install(int intr_alloc_flags)
{
    (void)intr_alloc_flags;
    if (s_can_fade) {
        return ESP_ERR_INVALID_STATE;
    }
    s_can_fade = true;
    return ESP_OK;
}

void ledc_fade_func_uninstall(void)
{
    s_can_fade = false;
}

esp_err_t ledc_set_fade_with_time(ledc_mode_t speed_mode, ledc_channel_t channel, uint32_t target_duty,
                                  int max_fade_time_ms)
{
    struct channel *target = channel_of(speed_mode, channel);
    if (target == NULL || max_fade_time_ms < 0) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!s_can_fade) {
        return ESP_ERR_INVALID_STATE;
    }
    target->next_duty = target_duty;
    target->fade_ms = (uint32_t)max_fade_time_ms;
    return ESP_OK;
}

esp_err_t ledc_fade_start(ledc_mode_t speed_mode, ledc_channel_t channel, ledc_fade_mode_t fade_mode)
{
    struct channel *target = channel_of(speed_mode, channel);
    if (target == NULL) {
        return ESP_ERR_INVALID_ARG;
    }
    if (!s_can_fade) {
        return ESP_ERR_INVALID_STATE;
    }
    if (fade_mode == LEDC_FADE_WAIT_DONE) {
        vTaskDelay(pdMS_TO_TICKS(target->fade_ms));
    }
    return ledc_update_duty(speed_mode, channel);
}
