/* SPDX-License-Identifier: Apache-2.0 */
/* Base64, from RFC 4648, with mbedTLS's answers. */
#include <stdint.h>
#include "mbedtls/base64.h"

static const char ALPHABET[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int mbedtls_base64_encode(unsigned char *dst, size_t dlen, size_t *olen, const unsigned char *src, size_t slen)
{
    if (slen == 0) {
        *olen = 0;
        return 0;
    }
    const size_t size = (slen + 2) / 3 * 4;
    if (dst == NULL || dlen < size + 1) {
        *olen = size + 1;
        return MBEDTLS_ERR_BASE64_BUFFER_TOO_SMALL;
    }
    for (size_t i = 0; i < slen; i += 3) {
        const size_t left = slen - i;
        const uint32_t group = (uint32_t)src[i] << 16 | (uint32_t)(left > 1 ? src[i + 1] : 0) << 8 |
                               (left > 2 ? src[i + 2] : 0);
        for (size_t j = 0; j < 4; j++) {
            *dst++ = j <= left ? (unsigned char)ALPHABET[group >> (18 - 6 * j) & 63] : '=';
        }
    }
    *dst = '\0';
    *olen = size;
    return 0;
}

/* The value of a character: 64 for `=`, -1 for a line end or a blank, -2 for what is none. */
static int value_of(unsigned char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : c == '=' ? 64 : c == ' ' || c == '\r' || c == '\n' ? -1 : -2;
}

/* How many characters carry bits, and whether nothing stands in their way; padding stands at the end. */
static int count(const unsigned char *src, size_t slen, size_t *digits, size_t *padding)
{
    for (size_t i = 0; i < slen; i++) {
        const int value = value_of(src[i]);
        if (value == -2 || (*padding > 0 && value >= 0 && value < 64) || (value == 64 && ++*padding > 2)) {
            return MBEDTLS_ERR_BASE64_INVALID_CHARACTER;
        }
        *digits += value >= 0 && value < 64;
    }
    return (*digits + *padding) % 4 == 0 ? 0 : MBEDTLS_ERR_BASE64_INVALID_CHARACTER;
}

int mbedtls_base64_decode(unsigned char *dst, size_t dlen, size_t *olen, const unsigned char *src, size_t slen)
{
    size_t digits = 0;
    size_t padding = 0;
    const int error = count(src, slen, &digits, &padding);
    if (error != 0) {
        return error;
    }
    *olen = digits * 3 / 4;
    if (*olen > 0 && (dst == NULL || dlen < *olen)) {
        return MBEDTLS_ERR_BASE64_BUFFER_TOO_SMALL;
    }
    uint32_t bits = 0;
    int have = 0;
    for (size_t i = 0; i < slen; i++) {
        const int value = value_of(src[i]);
        if (value < 0 || value > 63) {
            continue;
        }
        bits = bits << 6 | (uint32_t)value;
        have += 6;
        if (have >= 8) {
            have -= 8;
            *dst++ = (unsigned char)(bits >> have);
        }
    }
    return 0;
}
