/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's, with local time by the variable TZ, which WASI has not (`src/local_time.c`). */
#pragma once

#include_next <time.h>

#ifdef __cplusplus
extern "C" {
#endif

void tzset(void);
struct tm *kit_localtime(const time_t *time);
struct tm *kit_localtime_r(const time_t *time, struct tm *result);
time_t kit_mktime(struct tm *parts);
char *kit_ctime(const time_t *time);
char *kit_ctime_r(const time_t *time, char *text);
#define localtime kit_localtime
#define localtime_r kit_localtime_r
#define mktime kit_mktime
#define ctime kit_ctime
#define ctime_r kit_ctime_r

#ifdef __cplusplus
}
#endif
