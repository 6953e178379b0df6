/* SPDX-License-Identifier: Apache-2.0 */
/* The legacy MCPWM driver, which ESP-IDF 4.4 and 5 have: waves at pins, no inputs. From the ESP-IDF 4.4 API reference. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include "esp_bit_defs.h"
#include "esp_err.h"
#include "soc/soc_caps.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    MCPWM0A = 0,
    MCPWM0B,
    MCPWM1A,
    MCPWM1B,
    MCPWM2A,
    MCPWM2B,
    MCPWM_SYNC_0,
    MCPWM_SYNC_1,
    MCPWM_SYNC_2,
    MCPWM_FAULT_0,
    MCPWM_FAULT_1,
    MCPWM_FAULT_2,
    MCPWM_CAP_0 = 84,
    MCPWM_CAP_1,
    MCPWM_CAP_2,
} mcpwm_io_signals_t;

typedef struct {
    int mcpwm0a_out_num;
    int mcpwm0b_out_num;
    int mcpwm1a_out_num;
    int mcpwm1b_out_num;
    int mcpwm2a_out_num;
    int mcpwm2b_out_num;
    int mcpwm_sync0_in_num;
    int mcpwm_sync1_in_num;
    int mcpwm_sync2_in_num;
    int mcpwm_fault0_in_num;
    int mcpwm_fault1_in_num;
    int mcpwm_fault2_in_num;
    int mcpwm_cap0_in_num;
    int mcpwm_cap1_in_num;
    int mcpwm_cap2_in_num;
} mcpwm_pin_config_t;

typedef enum { MCPWM_UNIT_0, MCPWM_UNIT_1, MCPWM_UNIT_MAX } mcpwm_unit_t;
typedef enum { MCPWM_TIMER_0, MCPWM_TIMER_1, MCPWM_TIMER_2, MCPWM_TIMER_MAX } mcpwm_timer_t;
typedef enum { MCPWM_GEN_A, MCPWM_GEN_B, MCPWM_GEN_MAX } mcpwm_generator_t;
#define MCPWM_OPR_A MCPWM_GEN_A
#define MCPWM_OPR_B MCPWM_GEN_B
#define MCPWM_OPR_MAX MCPWM_GEN_MAX
typedef mcpwm_generator_t mcpwm_operator_t;

typedef enum {
    MCPWM_FREEZE_COUNTER,
    MCPWM_UP_COUNTER,
    MCPWM_DOWN_COUNTER,
    MCPWM_UP_DOWN_COUNTER,
    MCPWM_COUNTER_MAX,
} mcpwm_counter_type_t;

typedef enum {
    MCPWM_DUTY_MODE_0 = 0,
    MCPWM_DUTY_MODE_1,
    MCPWM_DUTY_MODE_FORCE_LOW,
    MCPWM_DUTY_MODE_FORCE_HIGH,
    MCPWM_DUTY_MODE_MAX,
} mcpwm_duty_type_t;
#define MCPWM_HAL_GENERATOR_MODE_FORCE_LOW MCPWM_DUTY_MODE_FORCE_LOW
#define MCPWM_HAL_GENERATOR_MODE_FORCE_HIGH MCPWM_DUTY_MODE_FORCE_HIGH

typedef struct {
    uint32_t frequency;
    float cmpr_a;
    float cmpr_b;
    mcpwm_duty_type_t duty_mode;
    mcpwm_counter_type_t counter_mode;
} mcpwm_config_t;

esp_err_t mcpwm_gpio_init(mcpwm_unit_t mcpwm_num, mcpwm_io_signals_t io_signal, int gpio_num);
esp_err_t mcpwm_set_pin(mcpwm_unit_t mcpwm_num, const mcpwm_pin_config_t *mcpwm_pin);
esp_err_t mcpwm_init(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, const mcpwm_config_t *mcpwm_conf);
esp_err_t mcpwm_set_frequency(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, uint32_t frequency);
esp_err_t mcpwm_set_duty(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen, float duty);
esp_err_t mcpwm_set_duty_in_us(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen,
                               uint32_t duty_in_us);
esp_err_t mcpwm_set_duty_type(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen,
                              mcpwm_duty_type_t duty_type);
uint32_t mcpwm_get_frequency(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num);
float mcpwm_get_duty(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_operator_t gen);
uint32_t mcpwm_get_duty_in_us(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_operator_t gen);
esp_err_t mcpwm_set_signal_high(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen);
esp_err_t mcpwm_set_signal_low(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num, mcpwm_generator_t gen);
esp_err_t mcpwm_start(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num);
esp_err_t mcpwm_stop(mcpwm_unit_t mcpwm_num, mcpwm_timer_t timer_num);

#ifdef __cplusplus
}
#endif
