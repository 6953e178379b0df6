/* SPDX-License-Identifier: Apache-2.0 */
#include <stdbool.h>
#include "driver/gpio.h"

static uint8_t s_levels[GPIO_NUM_MAX];

static bool valid(gpio_num_t pin)
{
    return pin >= 0 && pin < GPIO_NUM_MAX;
}

esp_err_t gpio_config(const gpio_config_t *config)
{
    return config != NULL && config->pin_bit_mask >> GPIO_NUM_MAX == 0 ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t gpio_reset_pin(gpio_num_t gpio_num)
{
    return gpio_set_level(gpio_num, 0);
}

esp_err_t gpio_set_direction(gpio_num_t gpio_num, gpio_mode_t mode)
{
    (void)mode;
    return valid(gpio_num) ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t gpio_set_pull_mode(gpio_num_t gpio_num, gpio_pull_mode_t pull)
{
    (void)pull;
    return valid(gpio_num) ? ESP_OK : ESP_ERR_INVALID_ARG;
}

esp_err_t gpio_set_level(gpio_num_t gpio_num, uint32_t level)
{
    if (!valid(gpio_num)) {
        return ESP_ERR_INVALID_ARG;
    }
    s_levels[gpio_num] = level != 0;
    return ESP_OK;
}

int gpio_get_level(gpio_num_t gpio_num)
{
    return valid(gpio_num) ? s_levels[gpio_num] : 0;
}
