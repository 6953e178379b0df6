/* SPDX-License-Identifier: Apache-2.0 */
/* CRC functions of the ROM. */
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** CRC-32 as zlib computes it; `crc` is that of the bytes before, 0 at the start. */
uint32_t esp_rom_crc32_le(uint32_t crc, const uint8_t *buf, uint32_t len);

#ifdef __cplusplus
}
#endif
