/* SPDX-License-Identifier: Apache-2.0 */
/* strtol() and its family with errno, which the C library of the kit's compiler leaves out; C17, 7.22.1.4. */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

struct number {
    unsigned long long magnitude;
    bool negative;
    bool overflow;
};

static int digit_of(char letter)
{
    if (letter >= '0' && letter <= '9') {
        return letter - '0';
    }
    const int lower = tolower((unsigned char)letter);
    return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : INT_MAX;
}

/* Skip "0x" where digits follow it, and settle a base of 0. */
static const char *skip_prefix(const char *text, int *base)
{
    const bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit_of(text[2]) < 16;
    if ((*base == 0 || *base == 16) && hexadecimal) {
        *base = 16;
        return text + 2;
    }
    *base = *base != 0 ? *base : text[0] == '0' ? 8 : 10;
    return text;
}

static struct number parse(const char *text, char **end, int base, unsigned long long most)
{
    struct number number = {0};
    const char *at = text;
    if (base == 1 || base < 0 || base > 36) {
        errno = EINVAL;
    } else {
        while (isspace((unsigned char)*at)) {
            at++;
        }
        number.negative = *at == '-';
        at = skip_prefix(at + (*at == '-' || *at == '+'), &base);
        const char *first = at;
        for (; digit_of(*at) < base; at++) {
            number.overflow |= number.magnitude > (most - (unsigned)digit_of(*at)) / (unsigned)base;
            number.magnitude = number.magnitude * (unsigned)base + (unsigned)digit_of(*at);
        }
        at = at == first ? text : at;
    }
    if (end != NULL) {
        *end = (char *)at;
    }
    return number;
}

static long long signed_result(struct number number, long long least, long long most)
{
    if (number.overflow || number.magnitude > (unsigned long long)most + number.negative) {
        errno = ERANGE;
        return number.negative ? least : most;
    }
    return number.negative ? (long long)(0 - number.magnitude) : (long long)number.magnitude;
}

static unsigned long long unsigned_result(struct number number, unsigned long long most)
{
    if (number.overflow || number.magnitude > most) {
        errno = ERANGE;
        return most;
    }
    return number.negative ? 0 - number.magnitude : number.magnitude;
}

long strtol(const char *restrict text, char **restrict end, int base)
{
    return (long)signed_result(parse(text, end, base, ULLONG_MAX), LONG_MIN, LONG_MAX);
}

unsigned long strtoul(const char *restrict text, char **restrict end, int base)
{
    return (unsigned long)unsigned_result(parse(text, end, base, ULLONG_MAX), ULONG_MAX);
}

long long strtoll(const char *restrict text, char **restrict end, int base)
{
    return signed_result(parse(text, end, base, ULLONG_MAX), LLONG_MIN, LLONG_MAX);
}

unsigned long long strtoull(const char *restrict text, char **restrict end, int base)
{
    return unsigned_result(parse(text, end, base, ULLONG_MAX), ULLONG_MAX);
}
