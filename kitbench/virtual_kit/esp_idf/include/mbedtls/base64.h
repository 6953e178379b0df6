/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 as mbedTLS has it (RFC 4648, with `=`). */
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

#define MBEDTLS_ERR_BASE64_BUFFER_TOO_SMALL -0x002A
#define MBEDTLS_ERR_BASE64_INVALID_CHARACTER -0x002C

/** Encode with a NUL behind; `*olen` is the length without it, or the room needed where `dlen` is too small. */
int mbedtls_base64_encode(unsigned char *dst, size_t dlen, size_t *olen, const unsigned char *src, size_t slen);

/** Decode; line ends may stand between the characters. `*olen` is the length, or the room needed. */
int mbedtls_base64_decode(unsigned char *dst, size_t dlen, size_t *olen, const unsigned char *src, size_t slen);

#ifdef __cplusplus
}
#endif
