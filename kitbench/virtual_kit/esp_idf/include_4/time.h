/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's with ESP-IDF 4's time of 32 bits: what takes or gives times is `src/legacy/time32.c`. */
#pragma once

#include_next <time.h>

#ifdef __cplusplus
extern "C" {
#endif

time_t time(time_t *now) __asm__("kit4_time");
double difftime(time_t end, time_t begin) __asm__("kit4_difftime");
time_t kit_mktime(struct tm *parts) __asm__("kit4_mktime");
time_t timegm(struct tm *parts) __asm__("kit4_timegm");
struct tm *gmtime(const time_t *time) __asm__("kit4_gmtime");
struct tm *gmtime_r(const time_t *__restrict time, struct tm *__restrict result) __asm__("kit4_gmtime_r");
struct tm *kit_localtime(const time_t *time) __asm__("kit4_localtime");
struct tm *kit_localtime_r(const time_t *time, struct tm *result) __asm__("kit4_localtime_r");
char *kit_ctime(const time_t *time) __asm__("kit4_ctime");
char *kit_ctime_r(const time_t *time, char *text) __asm__("kit4_ctime_r");
int clock_gettime(clockid_t clock, struct timespec *now) __asm__("kit4_clock_gettime");
int nanosleep(const struct timespec *wanted, struct timespec *left) __asm__("kit4_nanosleep");

#ifdef __cplusplus
}
#endif
