/* SPDX-License-Identifier: Apache-2.0 */
/* The legacy MCPWM driver: six waves a unit; lamps at the pins are told of them, as of the LED control's. Times are kept in
 * the timer's ticks of a microsecond, its resolution by default. */
#include "driver/mcpwm.h"
#include "driver/gpio.h"
#include "esp_log.h"
#include "gpio.h"
#include "kit/host.h"

#define TICK_HZ 1000000u
#define MILLIONTHS 1000000u

struct wave {
    bool has_pin;
    int pin;
    uint32_t compare;
    mcpwm_duty_type_t mode;
};

struct timer {
    bool is_set;
    bool runs;
    bool is_symmetric;
    uint32_t peak;
    struct wave waves[MCPWM_GEN_MAX];
};

static const char *const TAG = "mcpwm";
static struct timer s_timers[MCPWM_UNIT_MAX][MCPWM_TIMER_MAX];

/* How long the output is high, in millionths of a period. */
static uint32_t high_of(const struct timer *timer, const struct wave *wave)
{
    if (wave->mode >= MCPWM_DUTY_MODE_FORCE_LOW) {
        return wave->mode == MCPWM_DUTY_MODE_FORCE_HIGH ? MILLIONTHS : 0;
    }
    const uint32_t compare = wave->compare < timer->peak ? wave->compare : timer->peak;
    const uint32_t on = (uint32_t)((uint64_t)compare * MILLIONTHS / timer->peak);
    return wave->mode == MCPWM_DUTY_MODE_0 ? on : MILLIONTHS - on;
}

static void show(const struct timer *timer)
{
    for (int i = 0; i < MCPWM_GEN_MAX && timer->is_set && timer->runs; i++) {
        const struct wave *wave = &timer->waves[i];
        if (wave->has_pin) {
            kit_gpio_wave(wave->pin, high_of(timer, wave), TICK_HZ / timer->peak / (timer->is_symmetric ? 2 : 1));
        }
    }
}

static struct timer *timer_of(mcpwm_unit_t unit, mcpwm_timer_t number)
{
    if ((unsigned)unit >= MCPWM_UNIT_MAX || (unsigned)number >= MCPWM_TIMER_MAX) {
        ESP_LOGE(TAG, "mcpwm(%d): MCPWM group or timer number error", __LINE__);
        return NULL;
    }
    return &s_timers[unit][number];
}

/* A timer that mcpwm_init() has set up, with an output of this number. */
static struct timer *running(mcpwm_unit_t unit, mcpwm_timer_t number, mcpwm_generator_t output, esp_err_t *error)
{
    struct timer *timer = timer_of(unit, number);
    *error = timer == NULL || (unsigned)output >= MCPWM_GEN_MAX ? ESP_ERR_INVALID_ARG
             : !timer->is_set                                   ? ESP_ERR_INVALID_STATE
                                                                : ESP_OK;
    if (*error == ESP_ERR_INVALID_STATE) {
        ESP_LOGE(TAG, "mcpwm(%d): MCPWM driver is not initialized", __LINE__);
    }
    return *error == ESP_OK ? timer : NULL;
}

esp_err_t mcpwm_gpio_init(mcpwm_unit_t mcpwm_num, mcpwm_io_signals_t io_signal, int gpio_num)
{
    if (gpio_num < 0) { /* an output that is not used */
        return ESP_OK;
    }
    if ((unsigned)mcpwm_num >= MCPWM_UNIT_MAX || !GPIO_IS_VALID_GPIO(gpio_num)) {
        return ESP_ERR_INVALID_ARG;
    }
    if (io_signal > MCPWM2B) {
        ESP_LOGE(TAG, "the virtual kit has no inputs of the MCPWM (docs/fidelity.md)");
        kit_lacks("inputs of the MCPWM");
        return ESP_ERR_NOT_SUPPORTED;
    }
    if (!GPIO_IS_VALID_OUTPUT_GPIO(gpio_num)) {
        return ESP_ERR_INVALID_ARG;
    }
    struct timer *timer = &s_timers[mcpwm_num][io_signal / MCPWM_GEN_MAX];
    struct wave *wave = &timer->waves[io_signal % MCPWM_GEN_MAX];
    wave->has_pin = true;
    wave->pin = gpio_num;
    show(timer);
    return ESP_OK;
}

esp_err_t mcpwm_set_pin(mcpwm_unit_t mcpwm_num, const mcpwm_pin_config_t *mcpwm_pin)
{
    const int *pin = &mcpwm_pin->mcpwm0a_out_num;
    for (int signal = MCPWM0A; signal <= MCPWM_FAULT_2; signal++) {
        const esp_err_t error = mcpwm_gpio_init(mcpwm_num, signal, pin[signal]);
        if (error != ESP_OK) {
            return error;
        }
    }
    return ESP_OK;
}

esp_err_t mcpwm_init(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, const mcpwm_config_t *mcpwm_conf)
{
    struct timer *timer = timer_of(mcpwm_num, timer_num);
    if (timer == NULL || mcpwm_conf == NULL || mcpwm_conf->frequency == 0 || mcpwm_conf->frequency > TICK_HZ ||
        (unsigned)mcpwm_conf->duty_mode >= MCPWM_DUTY_MODE_MAX ||
        (unsigned)mcpwm_conf->counter_mode >= MCPWM_COUNTER_MAX) {
        return ESP_ERR_INVALID_ARG;
    }
    timer->peak = TICK_HZ / mcpwm_conf->frequency;
    timer->is_symmetric = mcpwm_conf->counter_mode == MCPWM_UP_DOWN_COUNTER;
    timer->is_set = true;
    timer->runs = mcpwm_conf->counter_mode != MCPWM_FREEZE_COUNTER;
    const float duties[MCPWM_GEN_MAX] = {mcpwm_conf->cmpr_a, mcpwm_conf->cmpr_b};
    for (int i = 0; i < MCPWM_GEN_MAX; i++) {
        timer->waves[i].mode = mcpwm_conf->duty_mode;
        timer->waves[i].compare = (uint32_t)((float)timer->peak * duties[i] / 100);
    }
    show(timer);
    return ESP_OK;
}

esp_err_t mcpwm_set_frequency(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, uint32_t frequency)
{
    esp_err_t error;
    struct timer *timer = running(mcpwm_num, timer_num, MCPWM_GEN_A, &error);
    if (timer == NULL || frequency == 0 || frequency > TICK_HZ) {
        return timer == NULL ? error : ESP_ERR_INVALID_ARG;
    }
    const uint32_t peak = TICK_HZ / frequency;
    for (int i = 0; i < MCPWM_GEN_MAX; i++) { /* the duty stays */
        timer->waves[i].compare = (uint32_t)((uint64_t)timer->waves[i].compare * peak / timer->peak);
    }
    timer->peak = peak;
    show(timer);
    return ESP_OK;
}

static esp_err_t set_compare(mcpwm_unit_t unit, mcpwm_timer_t number, mcpwm_generator_t gen, float percent,
                             uint32_t microseconds)
{
    esp_err_t error;
    struct timer *timer = running(unit, number, gen, &error);
    if (timer != NULL) {
        timer->waves[gen].compare = percent >= 0 ? (uint32_t)((float)timer->peak * percent / 100) : microseconds;
        show(timer);
    }
    return error;
}

esp_err_t mcpwm_set_duty(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen, float duty)
{
    return set_compare(mcpwm_num, timer_num, gen, duty < 0 ? 0 : duty, 0);
}

esp_err_t mcpwm_set_duty_in_us(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen,
                               uint32_t duty_in_us)
{
    return set_compare(mcpwm_num, timer_num, gen, -1, duty_in_us);
}

esp_err_t mcpwm_set_duty_type(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen,
                              mcpwm_duty_type_t duty_type)
{
    esp_err_t error;
    struct timer *timer = running(mcpwm_num, timer_num, gen, &error);
    if (timer == NULL || (unsigned)duty_type >= MCPWM_DUTY_MODE_MAX) {
        return timer == NULL ? error : ESP_ERR_INVALID_ARG;
    }
    timer->waves[gen].mode = duty_type;
    show(timer);
    return ESP_OK;
}

esp_err_t mcpwm_set_signal_high(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen)
{
    return mcpwm_set_duty_type(mcpwm_num, timer_num, gen, MCPWM_DUTY_MODE_FORCE_HIGH);
}

esp_err_t mcpwm_set_signal_low(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen)
{
    return mcpwm_set_duty_type(mcpwm_num, timer_num, gen, MCPWM_DUTY_MODE_FORCE_LOW);
}

uint32_t mcpwm_get_frequency(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num)
{
    esp_err_t error;
    const struct timer *timer = running(mcpwm_num, timer_num, MCPWM_GEN_A, &error);
    return timer != NULL ? TICK_HZ / timer->peak : 0;
}

float mcpwm_get_duty(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_operator_t gen)
{
    esp_err_t error;
    const struct timer *timer = running(mcpwm_num, timer_num, gen, &error);
    return timer != NULL ? 100.0f * (float)timer->waves[gen].compare / (float)timer->peak : -1.0f;
}

uint32_t mcpwm_get_duty_in_us(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_operator_t gen)
{
    esp_err_t error;
    const struct timer *timer = running(mcpwm_num, timer_num, gen, &error);
    return timer != NULL ? timer->waves[gen].compare : 0;
}

static esp_err_t run(mcpwm_unit_t unit, mcpwm_timer_t number, bool runs)
{
    esp_err_t error;
    struct timer *timer = running(unit, number, MCPWM_GEN_A, &error);
    if (timer != NULL) {
        timer->runs = runs;
        show(timer);
        for (int i = 0; i < MCPWM_GEN_MAX && !runs; i++) {
            if (timer->waves[i].has_pin) {
                kit_gpio_wave(timer->waves[i].pin, 0, 0); /* it stops at the next zero */
            }
        }
    }
    return error;
}

esp_err_t mcpwm_start(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num)
{
    return run(mcpwm_num, timer_num, true);
}

esp_err_t mcpwm_stop(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num)
{
    return run(mcpwm_num, timer_num, false);
}
