/* Turns a servo by the motor control unit, which a board has and the virtual kit has not. */
#include "driver/mcpwm_prelude.h"
#include "esp_check.h"

#include "servo.h"

#define TICKS_PER_SECOND 1000000
#define PERIOD_TICKS 20000

static mcpwm_cmpr_handle_t comparator;

void servo_start(int gpio)
{
    mcpwm_timer_handle_t timer;
    mcpwm_oper_handle_t operator;
    mcpwm_gen_handle_t generator;
    const mcpwm_timer_config_t timing = {
        .clk_src = MCPWM_TIMER_CLK_SRC_DEFAULT,
        .resolution_hz = TICKS_PER_SECOND,
        .period_ticks = PERIOD_TICKS,
        .count_mode = MCPWM_TIMER_COUNT_MODE_UP,
    };
    ESP_ERROR_CHECK(mcpwm_new_timer(&timing, &timer));
    ESP_ERROR_CHECK(mcpwm_new_operator(&(mcpwm_operator_config_t){0}, &operator));
    ESP_ERROR_CHECK(mcpwm_operator_connect_timer(operator, timer));
    ESP_ERROR_CHECK(mcpwm_new_comparator(operator, &(mcpwm_comparator_config_t){.flags.update_cmp_on_tez = true},
                                         &comparator));
    ESP_ERROR_CHECK(mcpwm_new_generator(operator, &(mcpwm_generator_config_t){.gen_gpio_num = gpio}, &generator));
    ESP_ERROR_CHECK(mcpwm_timer_enable(timer));
    ESP_ERROR_CHECK(mcpwm_timer_start_stop(timer, MCPWM_TIMER_START_NO_STOP));
}

void servo_turn(int degrees)
{
    ESP_ERROR_CHECK(mcpwm_comparator_set_compare_value(comparator, 1500 + degrees * 10));
}
