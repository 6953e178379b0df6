/* SPDX-License-Identifier: Apache-2.0 */
/* The ROM's functions over pins: ESP-IDF 4 brings them with driver/gpio.h. */
#pragma once

#include "esp_rom_gpio.h"

#define gpio_pad_select_gpio(pin) esp_rom_gpio_pad_select_gpio(pin)
