/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's own, and settimeofday(), which WASI has not. */
#pragma once

#include_next <sys/time.h>

#ifdef __cplusplus
extern "C" {
#endif
int settimeofday(const struct timeval *now, const struct timezone *zone);
#ifdef __cplusplus
}
#endif
