/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Print without the log's tag filter. */
int esp_rom_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** Spin for `us` microseconds, keeping the CPU. */
void esp_rom_delay_us(uint32_t us);

#define ets_printf esp_rom_printf
#define ets_delay_us esp_rom_delay_us

#ifdef __cplusplus
}
#endif
