/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/** Whether a file descriptor is an open socket. */
bool kit_is_socket(int number);
