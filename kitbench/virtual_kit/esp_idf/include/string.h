/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's, with newlib's words for newlib's numbers (`src/errno.c`). */
#pragma once

#include_next <string.h>

#ifdef __cplusplus
extern "C" {
#endif

char *kit_strerror(int number);
int kit_strerror_r(int number, char *text, size_t size);
#define strerror kit_strerror
#define strerror_r kit_strerror_r

#ifdef __cplusplus
}
#endif
