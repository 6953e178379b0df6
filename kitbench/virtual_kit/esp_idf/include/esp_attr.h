/* SPDX-License-Identifier: Apache-2.0 */
/* Placement attributes: the virtual kit has one memory, so they place nothing but what deep sleep keeps. */
#pragma once

#define IRAM_ATTR
#define DRAM_ATTR
#define RTC_DATA_ATTR __attribute__((section("rtc_data")))
#define RTC_NOINIT_ATTR
#define RTC_IRAM_ATTR
#define RTC_RODATA_ATTR
#define EXT_RAM_BSS_ATTR
#define DRAM_STR(str) (str)
#define WORD_ALIGNED_ATTR __attribute__((aligned(4)))
#define FORCE_INLINE_ATTR static inline __attribute__((always_inline))
#define NOINLINE_ATTR __attribute__((noinline))
#define ESP_EVENT_H_ATTR
#define COREDUMP_DRAM_ATTR
#define __NOINIT_ATTR
