/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>
#include <sys/select.h>

/** Whether a file descriptor is an open socket. */
bool kit_is_socket(int number);

/** select(), under a name that the C library does not have, too. */
int kit_select(int count, fd_set *readable, fd_set *writable, fd_set *exceptional, const struct timeval *limit);
