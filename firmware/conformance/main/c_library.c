/*
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "answer.h"

void answer_c_library(void)
{
    volatile char byte = (char)0x9a;
    ANSWER("char", "%02x", byte);
    ANSWER("errno", "%d %d %d %d %d %d", EAGAIN, EINVAL, ENOMEM, ETIMEDOUT, ECONNRESET, ENOTCONN);
    ANSWER("strerror", "%s", strerror(ENOTCONN));
    errno = 0;
    long most = strtol("99999999999", NULL, 10);
    ANSWER("strtol", "%ld %d", most, errno);
    ANSWER("sizes", "%u %u %u", (unsigned)sizeof(time_t), (unsigned)sizeof(long), (unsigned)sizeof(void *));
    ANSWER("error names", "%s %s %s", esp_err_to_name(0x5001), esp_err_to_name(0x6001), esp_err_to_name(12345));
}
