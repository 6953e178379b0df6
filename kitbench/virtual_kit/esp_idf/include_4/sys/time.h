/* SPDX-License-Identifier: Apache-2.0 */
/* As in time.h: times of 32 bits. */
#pragma once

#include_next <sys/time.h>

#ifdef __cplusplus
extern "C" {
#endif

int gettimeofday(struct timeval *__restrict now, void *__restrict zone) __asm__("kit4_gettimeofday");
int settimeofday(const struct timeval *now, const struct timezone *zone) __asm__("kit4_settimeofday");

#ifdef __cplusplus
}
#endif
