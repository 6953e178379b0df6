/* SPDX-License-Identifier: Apache-2.0 */
/* Local time by the environment variable TZ, in POSIX's form "CET-1CEST,M3.5.0,M10.5.0/3" (IEEE 1003.1, 8.3), as newlib
 * has it: the variable counts from tzset() on. Of the rules only Mm.w.d is known, newlib's other forms are not. */
#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY 86400
#define NAME_MOST 10

struct rule {
    int month; /* 1 to 12 */
    int week;  /* 1 to 5, 5 is the last one */
    int day;   /* 0 is Sunday */
    int seconds;
};

struct zone {
    char name[NAME_MOST + 1];
    int east; /* seconds */
};

static struct zone s_standard = {"GMT", 0};
static struct zone s_summer;
static bool s_has_summer;
static struct rule s_begin;
static struct rule s_end;

static const char *take_name(const char *at, char *name)
{
    const bool quoted = *at == '<';
    size_t length = 0;
    at += quoted;
    while (*at != '\0' && (quoted ? *at != '>' : isalpha((unsigned char)*at))) {
        if (length < NAME_MOST) {
            name[length++] = *at;
        }
        at++;
    }
    name[length] = '\0';
    return at + (quoted && *at == '>');
}

/* [+-]hh[:mm[:ss]] in seconds. */
static const char *take_time(const char *at, int *seconds)
{
    const int sign = *at == '-' ? -1 : 1;
    at += *at == '-' || *at == '+';
    int sum = 0;
    for (int unit = 3600; isdigit((unsigned char)*at); unit /= 60) {
        char *end;
        sum += (int)strtol(at, &end, 10) * unit;
        at = end + (*end == ':' && unit > 1);
    }
    *seconds = sign * sum;
    return at;
}

static const char *take_rule(const char *at, struct rule *rule)
{
    if (*at != ',' || sscanf(at, ",M%d.%d.%d", &rule->month, &rule->week, &rule->day) != 3) {
        return at;
    }
    rule->seconds = 2 * 3600;
    at += 1 + strcspn(at + 1, ",/");
    return *at == '/' ? take_time(at + 1, &rule->seconds) : at;
}

void tzset(void)
{
    const char *at = getenv("TZ");
    s_standard = (struct zone){"GMT", 0};
    s_has_summer = false;
    if (at == NULL || *at == '\0') {
        return;
    }
    int west = 0;
    at = take_time(take_name(at, s_standard.name), &west);
    s_standard.east = -west;
    s_has_summer = *at != '\0' && *at != ',';
    if (!s_has_summer) {
        return;
    }
    west -= 3600;
    at = take_name(at, s_summer.name);
    if (*at != '\0' && *at != ',') {
        at = take_time(at, &west);
    }
    s_summer.east = -west;
    s_begin = (struct rule){3, 2, 0, 2 * 3600}; /* without rules: those of the United States */
    s_end = (struct rule){11, 1, 0, 2 * 3600};
    take_rule(take_rule(at, &s_begin), &s_end);
}

/* When a rule applies in a year, in the zone's own time as if it were UTC. */
static time_t moment_of(const struct rule *rule, int year)
{
    struct tm parts = {.tm_year = year, .tm_mon = rule->month - 1, .tm_mday = 1};
    time_t moment = timegm(&parts);
    gmtime_r(&moment, &parts);
    int day = 1 + (rule->day - parts.tm_wday + 7) % 7 + 7 * (rule->week - 1);
    struct tm next = {.tm_year = year, .tm_mon = rule->month, .tm_mday = 1};
    const int days = (int)((timegm(&next) - moment) / DAY);
    while (day > days) {
        day -= 7;
    }
    return moment + (time_t)(day - 1) * DAY + rule->seconds;
}

static bool is_summer(time_t time)
{
    if (!s_has_summer) {
        return false;
    }
    struct tm parts;
    const time_t local = time + s_standard.east;
    gmtime_r(&local, &parts);
    const time_t begin = moment_of(&s_begin, parts.tm_year) - s_standard.east;
    const time_t end = moment_of(&s_end, parts.tm_year) - s_summer.east;
    return begin < end ? time >= begin && time < end : time >= begin || time < end;
}

struct tm *kit_localtime_r(const time_t *time, struct tm *result)
{
    const bool summer = is_summer(*time);
    const struct zone *zone = summer ? &s_summer : &s_standard;
    const time_t local = *time + zone->east;
    if (gmtime_r(&local, result) == NULL) {
        return NULL;
    }
    result->tm_isdst = summer;
    result->tm_gmtoff = zone->east;
    result->tm_zone = zone->name;
    return result;
}

struct tm *kit_localtime(const time_t *time)
{
    static struct tm s_result;
    return kit_localtime_r(time, &s_result);
}

time_t kit_mktime(struct tm *parts)
{
    const int is_summer_said = parts->tm_isdst; /* timegm() clears it */
    const time_t local = timegm(parts);
    time_t time = local - s_standard.east;
    if (is_summer_said != 0 && s_has_summer && is_summer(local - s_summer.east)) {
        time = local - s_summer.east;
    }
    kit_localtime_r(&time, parts);
    return time;
}

char *kit_ctime(const time_t *time)
{
    return asctime(kit_localtime(time));
}

char *kit_ctime_r(const time_t *time, char *text)
{
    struct tm parts;
    return asctime_r(kit_localtime_r(time, &parts), text);
}
