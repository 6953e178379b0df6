/* SPDX-License-Identifier: Apache-2.0 */
/* The C library's, with perror() of the errno that the app sees. */
#pragma once

#include_next <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

void kit_perror(const char *text);
#define perror kit_perror

#ifdef __cplusplus
}
#endif
