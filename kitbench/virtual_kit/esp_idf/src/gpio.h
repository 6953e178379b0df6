/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/** Whether a handler of an interrupt runs. */
bool kit_in_interrupt(void);

/** Say whether one runs from now on; returns whether one did. */
bool kit_set_in_interrupt(bool runs);

/** Have the LED control put out a wave at a pin: high for so many millionths of the time. */
void kit_gpio_wave(int number, uint32_t high, uint32_t frequency);
