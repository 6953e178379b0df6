/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/** Whether a handler of an interrupt runs. */
bool kit_in_interrupt(void);
