/* SPDX-License-Identifier: Apache-2.0 */
/* The ROM's way to choose a pin's function: every pin is a GPIO already. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

void esp_rom_gpio_pad_select_gpio(uint32_t iopad_num);

#ifdef __cplusplus
}
#endif
