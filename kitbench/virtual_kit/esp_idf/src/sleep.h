/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

/** Take back what deep sleep has kept, if that is why the app starts. */
void kit_wake_up(void);

/** The wall clock in microseconds since 1970. */
int64_t kit_get_wall_clock_us(void);
void kit_set_wall_clock_us(int64_t now_us);
