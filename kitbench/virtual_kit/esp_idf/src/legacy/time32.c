/* SPDX-License-Identifier: Apache-2.0 */
/* Times of 32 bits, as ESP-IDF 4's C library has them, around today's of 64. `include_4/time.h` gives these names to the
 * app. */
#include <stdint.h>
#include <sys/time.h>
#include <time.h>
#include "esp_sntp.h"
#include "lwip/sockets.h"
#include "../sockets.h"

struct timeval32 {
    int32_t seconds;
    int32_t microseconds;
};

struct timespec32 {
    int32_t seconds;
    int32_t nanoseconds;
};

static void (*s_on_time)(struct timeval32 *);

static struct timeval widened(const struct timeval32 *time)
{
    return (struct timeval){.tv_sec = time->seconds, .tv_usec = time->microseconds};
}

int32_t kit4_time(int32_t *now)
{
    const int32_t seconds = (int32_t)time(NULL);
    if (now != NULL) {
        *now = seconds;
    }
    return seconds;
}

double kit4_difftime(int32_t end, int32_t begin)
{
    return (double)end - (double)begin;
}

int32_t kit4_mktime(struct tm *parts)
{
    return (int32_t)mktime(parts);
}

int32_t kit4_timegm(struct tm *parts)
{
    return (int32_t)timegm(parts);
}

struct tm *kit4_gmtime(const int32_t *time)
{
    const time_t wide = *time;
    return gmtime(&wide);
}

struct tm *kit4_gmtime_r(const int32_t *time, struct tm *result)
{
    const time_t wide = *time;
    return gmtime_r(&wide, result);
}

struct tm *kit4_localtime(const int32_t *time)
{
    const time_t wide = *time;
    return localtime(&wide);
}

struct tm *kit4_localtime_r(const int32_t *time, struct tm *result)
{
    const time_t wide = *time;
    return localtime_r(&wide, result);
}

char *kit4_ctime(const int32_t *time)
{
    return asctime(kit4_localtime(time));
}

char *kit4_ctime_r(const int32_t *time, char *text)
{
    struct tm parts;
    return asctime_r(kit4_localtime_r(time, &parts), text);
}

int kit4_clock_gettime(clockid_t clock, struct timespec32 *now)
{
    struct timespec wide;
    const int result = clock_gettime(clock, &wide);
    if (result == 0) {
        *now = (struct timespec32){.seconds = (int32_t)wide.tv_sec, .nanoseconds = (int32_t)wide.tv_nsec};
    }
    return result;
}

int kit4_nanosleep(const struct timespec32 *wanted, struct timespec32 *left)
{
    const struct timespec wide = {.tv_sec = wanted->seconds, .tv_nsec = wanted->nanoseconds};
    struct timespec rest = {0};
    const int result = nanosleep(&wide, &rest);
    if (left != NULL) {
        *left = (struct timespec32){.seconds = (int32_t)rest.tv_sec, .nanoseconds = (int32_t)rest.tv_nsec};
    }
    return result;
}

int kit4_gettimeofday(struct timeval32 *now, void *zone)
{
    struct timeval wide;
    const int result = gettimeofday(&wide, zone);
    if (result == 0 && now != NULL) {
        *now = (struct timeval32){.seconds = (int32_t)wide.tv_sec, .microseconds = (int32_t)wide.tv_usec};
    }
    return result;
}

int kit4_settimeofday(const struct timeval32 *now, const struct timezone *zone)
{
    const struct timeval wide = now != NULL ? widened(now) : (struct timeval){0};
    return settimeofday(now != NULL ? &wide : NULL, zone);
}

static void on_time(struct timeval *now)
{
    struct timeval32 narrow = {.seconds = (int32_t)now->tv_sec, .microseconds = (int32_t)now->tv_usec};
    if (s_on_time != NULL) {
        s_on_time(&narrow);
    }
}

void kit4_sntp_set_callback(void (*callback)(struct timeval32 *))
{
    s_on_time = callback;
    sntp_set_time_sync_notification_cb(on_time);
}

int kit4_setsockopt(int s, int level, int optname, const void *optval, socklen_t optlen)
{
    const int is_limit = level == SOL_SOCKET && (optname == SO_RCVTIMEO || optname == SO_SNDTIMEO);
    if (!is_limit || optval == NULL || optlen < sizeof(struct timeval32)) {
        return setsockopt(s, level, optname, optval, optlen);
    }
    const struct timeval wide = widened(optval);
    return setsockopt(s, level, optname, &wide, sizeof(wide));
}

int kit4_select(int count, fd_set *readable, fd_set *writable, fd_set *failed, struct timeval32 *limit)
{
    const struct timeval wide = limit != NULL ? widened(limit) : (struct timeval){0};
    return kit_select(count, readable, writable, failed, limit != NULL ? &wide : NULL);
}
